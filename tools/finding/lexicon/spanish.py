"""Spanish."""

TABLE = """
user: exempleado usuari person emplead trabajador cuenta companer colaborador gente alguien
group: grup equip
member: miembr integrante pertenec pertenenci membresi
list member group: quien_esta_en quienes_estan_en
list group user: en_que_grupos
list application user: quien_usa usuarios_de_una_aplicacion usuarios_de_la_app
add: anad agreg inclu incorpor met sumar anadir
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
unsuspend: reanud levant ~desbloque levantar_la_suspension quitar_la_suspension restablec_el_acceso restaur
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
assign: asign ~acceso otorg conced dar_acceso dale_acceso
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
list change: que_se_ha_cambiado que_ha_cambiado que_cambios historial ultimos_cambios cambios
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
user: becari plantilla personal interin contratista extern
count: cuantos cuantas cuanta
summarize: resum resumen estadistic recuento
export: fichero archivo hoja_de_calculo volc extracto extra csv excel
segment: ~parte siguiente segunda_parte tercera_parte continu resto segui
segment export: archivo_exportado fichero_exportado
clear: cerr cierr termin finaliz expuls
session: sesiones sesion todas_partes todos_los_dispositivos todos_sus_dispositivos abiert
expire: oblig forz proximo_inicio proxima_vez caduc
reset: olvid perdio_la_contrasena recuper
reset factor: perdio_el_movil perdio_el_telefono
reset: ~perd
factor: mfa segundo_factor verificacion_en_dos_pasos metodos_de_autenticacion ~movil ~telefono llave_de_seguridad
factor: doble_factor metodos_de_doble_factor
unlock: intento equivoc demasiadas_veces ~bloquead
suspend: provisional provisionalmente temporal baja_maternal excedencia ~bloque
unsuspend: vuelve_de_vacaciones vuelve_de_la_baja regres_de levant
activate: ~vuelv ~regres readmit
delete: para_siempre definitivamente por_completo definitiv rgpd
deactivate user: se_va ya_no_trabaja
create: abrir dados_de_alta
resend: reenvi de_nuevo otra_vez
resend activation: no_recibio no_ha_recibido no_le_llego no_llego
activation: bienvenida correo_de_bienvenida
verify: identidad quien_llama realmente quien_dice confirm
lookup: detalles informacion ficha
owner: duen dueno propietari encargad ~responsable
review: revis revision recertificacion
search: hay existe existen contien contenga contengan empiec empiecen llame llamen cuyo
rule: automatic automaticamente regla
preview: afectari entrari seria pasari si_activamos si_la_activamos simulacro ~prueb
application: herramienta
assign: necesit licenci dar_acceso
unassign: ~acceso
access: acceso
unassign: perder_acceso pierd retirar_acceso
whole: ~todo ~todos ~todas ~toda ~completament
administrator: administracion privilegiad superadmin
explain: por_que motivo causa razon problema
explain sign_in: no_puede no_consigue no_logra no_puede_entrar
sign_in: inicio_sesion iniciar_sesion inicio_de_sesion inicios_de_sesion entr conect
log: fallid fall registro registros ~ayer sospechos evento auditoria
search log: desde_que_ip
explain access: de_donde por_que_tiene como_obtuvo
change: ~aqui
undo: deshac deshic
schema: campo que_campos que_atributos personalizad
grant: consent oauth concedid en_nombre autoriza
enroll: registrad
lookup count member group: cuantos_miembros numero_de_miembros
delete: obsolet ya_no_se_usa ya_no_hace_falta
count: numero_de_usuarios numero_de_personas numero_de_empleados numero_de_cuentas
suspend: poner_en_pausa
search user: trabaj
lookup user: ultimo_acceso ultimo_inicio datos_de_la_cuenta
lookup: ~dato
list user group: a_los_que_pertenec grupos_a_los
update profile: se_llama_ahora
suspend: hasta_nuevo
export: baj
reset: recuerd
explain: error rechaz
count: total
delete: elimin_de_okta borr_de_okta

factor: metodo metodos_de_verificacion
whole factor: todos_los_metodos
review: auditoria_del_grupo auditoria_de_quien
list change: has_hecho
search group: hay_grupos hay_algun_grupo
search log: que_hizo que_ha_hecho
expire: proximo_login
"""

ENDINGS = (
    "ame eme rme me nos anos enos rnos melo amelo "
    "s o a os as e es ar er ir ad ado ada ados adas ido ida idos idas an en emos amos acion aciones cion ciones on "
    "ones io ia ios ias r rle rlo rla le lo la selo sela alo ala ale arle arlo arla irlo erlo ando iendo ue uen uear"
)

STOP = """
podeis pueden podemos podrian di dime dinos
el la los las un una unos unas de del al a ante con sin en por para sobre entre hasta desde y e o u pero no si que
cual cuales
quien quienes como cuando donde cuanto es son esta estan fue ser estar ha han hay me te se le les lo nos os mi mis
tu tus su sus
nuestro nuestra este esta estos estas ese esa eso aquel favor gracias hola puedes puede podrias quiero quisiera
necesito debe
tiene tienen tener hacer haz dame da dar dale mas ya muy tambien ahora hoy todo toda empresa senor senora nunca
jamas ultimo ultima ultimos ultimas ayer manana lunes solo aqui alla hecho hicimos hizo hace
hay tenemos tengo tienes teneis he has hemos han habia habra sera seran sido siendo soy eres somos era eran
cada algun alguna algunos algunas ningun ninguna otro otra otros otras mismo misma aun todavia siempre antes despues
durante segun asi entonces porque pues tambien tampoco muy mucho mucha muchos muchas poco poca si
lunes martes miercoles jueves viernes sabado domingo semana mes ano dia dias hora horas noche tarde
enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
proyecto oficina solicitud acabas acabamos le les nosotros ellos ella el usted ustedes cuyo cuya
"""

INTO = "en"
QUESTIONS = "cuantos cuantas cuanto como cuando donde hay"
OF = "de del en a"
WHEN = "cuando quien quienes"
ENDED = "ya_no no_debe no_deberia"
ONE = "es esta"
WHETHER = "esta estan"
ABOUT = "asignados asignadas"
REQUESTS = "puedes puede podrias podria favor"
WHO = "quien quienes"
WHICH_ASKED = "que cual cuales"
WHICH_SHOWN = "todos todas lista listar listado muestra"
