"""Spanish."""

TABLE = """
user: exempleado usuari person emplead trabajador cuenta companer colaborador gente alguien
group: grup equip
member: miembr integrante pertenec pertenenci membresi
list member group: quien_esta_en quienes_estan_en
list group user: que_grupos en_que_grupos cuales_grupos
list application user: quien_tiene quien_usa quienes_tienen usuarios_de_una_aplicacion usuarios_de_la_app
list user application: que_aplicaciones aplicaciones_de
add: anad agreg inclu incorpor met sumar anadir
add group: al_grupo
remove: quit sac retir elimin_del_grupo saca remuev excluy
create: cre nuev dar_de_alta da_de_alta alta registr
create user: contrat nuevo_empleado nueva_empleada nuevo_ingreso dar_de_alta
update: cambi actualiz modific edit correg renombr
profile: perfil atribut departament cargo puesto titul apellid nombre telefon dato jefe
email: correo email
delete: elimin borr suprim
deactivate: desactiv inhabilit deshabilit dar_de_baja da_de_baja baja
deactivate user: cerrar_la_cuenta cierra_la_cuenta exempleado despid despedi despid renunci dar_de_baja
deactivate user: dejo_la_empresa deja_la_empresa
activate: activ habilit reactiv
suspend: suspend suspension bloque congel paus temporalmente suspendid
unsuspend: reanud levant desbloque levantar_la_suspension quitar_la_suspension restablec_el_acceso restaur
unsuspend user: levantar_la_suspension levanta_la_suspension quitar_la_suspension
unlock: desbloque
password: contrasena clave contrasen
reset: restablec reinici resete
expire: caduc expir venc
factor: factor autenticacion doble_factor autenticador
whole factor: todos_los_factores
verify user: verific_la_identidad verificar_la_identidad
grant: consentimiento
session: sesion
clear session: cerrar_sesion cierra_sesion cerrar_la_sesion cerrar_las_sesiones desconect cierra_las_sesiones
application: aplicacion app aplicaciones
assign: asign acceso otorg conced dar_acceso dale_acceso
unassign: desasign quitar_la_aplicacion quitar_acceso quitar_el_acceso revoc quita_la_aplicacion quitale quitarle
role: rol permis privilegi
administrator: administrador admin
summarize: resum estadistic
log: registro evento bitacora auditori
search: busc encontr encuentr todos todas
lookup: muestr mostrar ver detall consult quien_es informacion estado ficha
list: list muestr mostrar enumer
count: cuant contar numero_de_miembros
export: export descarg
undo: deshac deshaz revert anul deshacer
undo change: deshacer_el_cambio deshaz_el_cambio
change: cambios
list change: que_se_ha_cambiado que_ha_cambiado que_cambios historial ultimos_cambios quien_cambio cambios
list change: historial_de_cambios
device: dispositiv equipo_informatico ordenador portatil movil
rule: regla
preview: vista_previa simul previsual
review access: revision recertific revis
policy: politic directiva
zone: zona zona_de_red
owner: propietari
token: token ficha_de_acceso
risk: riesgo
list application group: grupos_de_una_aplicacion grupos_de_la_aplicacion
explain access: por_que_tiene por_que_esta_en
explain sign_in: no_puede_iniciar_sesion no_puede_entrar problema_de_acceso
sign_in: iniciar_sesion inicio_de_sesion
resend: reenvi
activation: activacion enlace_de_activacion invitacion
verify: verific
domain: dominio
directory: directorio
workflow: flujo
schema: ~atributo campos_personalizados que_campos que_atributos
segment: segunda_parte siguiente_parte
"""

ENDINGS = (
    "s o a os as e es ar er ir ad ado ada ados adas ido ida idos idas an en emos amos acion aciones cion ciones on "
    "ones io ia ios ias r rle rlo rla le lo la selo sela alo ala ale arle arlo arla irlo erlo ando iendo ue uen uear"
)

STOP = """
el la los las un una unos unas de del al a ante con sin en por para sobre entre hasta desde y e o u pero no si que
cual cuales
quien quienes como cuando donde cuanto es son esta estan fue ser estar ha han hay me te se le les lo nos os mi mis
tu tus su sus
nuestro nuestra este esta estos estas ese esa eso aquel favor gracias hola puedes puede podrias quiero quisiera
necesito debe
tiene tienen tener hacer haz dame da dar dale mas ya muy tambien ahora hoy todo toda empresa senor senora nunca
jamas ultimo ultima ultimos ultimas ayer manana lunes solo aqui alla hecho hicimos hizo hace
"""
