"""French."""

TABLE = """
user: utilisateur utilisatrice personne employe salarie collaborateur collaboratrice compte collegue gens
user: quelqu_un agent_humain usager
group: groupe equipe
member: membre adherent appartenance appartient
list member group: qui_est_dans qui_fait_partie
list group user: quels_groupes dans_quels_groupes quels_groupes_se_trouve dans_quels_groupes_se_trouve
assign group application: application_a_un_groupe appli_a_un_groupe application_au_groupe
list application user: qui_a_acces qui_utilise utilisateurs_d_une_application utilisateurs_de_l_appli
list user application: quelles_applications applications_de les_applis_de
add: ajout rajout inscri integr inclu mett met
add group: au_groupe dans_le_groupe ajouter_au_groupe
remove: retir enlev exclu sort sortir supprimer_du_groupe otez ote
create: cre nouveau nouvel nouvelle creation etabl
create user: embauch nouvel_employe nouvel_arrivant recrut nouvelle_collegue
update: modifi chang mettre_a_jour mise_a_jour actualis corrig renomm edit met_a_jour
profile: profil attribut ~service departement titre poste nom prenom telephone coordonnees numero responsable
email: courriel mail email mel
delete: supprim suppression effac detrui
deactivate: desactiv
deactivate user: fermer_le_compte ferme_le_compte supprimer_l_acces qui_part licenci demission depart quitte parti
deactivate user: quitte_l_entreprise
activate: activ reactiv reouvr
suspend: en_pause suspend suspension bloqu gel gele geler interrompre temporairement
unsuspend: reprendre lever_la_suspension leve_la_suspension debloqu retablir retabli levee lev annuler_la_suspension
unlock: deverrouill debloqu
suspend: verrouill
password: mot_de_passe motdepasse mots_de_passe mdp
reset: reinitialis
expire: expir
factor: facteur authentification double_authentification authentificateur
whole factor: tous_les_facteurs toutes_les_authentifications
verify user: verifi_l_identite verifier_l_identite appelant
grant: consentement
session: session
clear session: deconnect fermer_la_session fermer_les_sessions fermer_toutes_les_sessions
clear: ~ferm
application: application appli logiciel
assign: attribu affect assign acces donner_acces donne_acces accord
unassign: retirer_l_acces desattribu revoqu retirer_l_application desassign
role: role droit privilege
administrator: administrateur administratrice admin
summarize: resum statisti
log: journal journaux evenement trace
search: cherch recherch trouv tous toutes
lookup: affich montr consult detail voir qui_est information renseignement fiche statut
list: list enumer montr liste
count: combien compt nombre
export: export telecharg
undo: annul defai defaire retour_en_arriere revenir
undo change: annuler_la_modification annule_la_modification
change: changements
list change: historique dernieres_modifications qui_a_modifie modifications changements
device: appareil ordinateur terminal portable
rule: regle
preview: simul previsualis apercu
review access: revue recertifi
policy: politique strategie
zone: zone reseau
owner: proprietaire
token: jeton
risk: risque
list application group: groupes_d_une_application groupes_de_l_application groupes_de_l_appli
list group application: applications_d_un_groupe applications_du_groupe
explain access: pourquoi_a pourquoi_est a_t_elle_cette_application a_t_il_cette_application
explain sign_in: n_arrive_pas_a_se_connecter ne_peut_pas_se_connecter probleme_de_connexion
sign_in: connexion connect
resend: renvoy renvoi
activation: lien_d_activation activation invitation
verify: verifi
domain: domaine
directory: annuaire
workflow: flux
schema: ~attribut attributs_existent
segment: partie_suivante morceau_suivant
export log: exporter_le_journal telecharger_le_journal
"""

ENDINGS = (
    "e s es r er ez ent ant ee ees ons ions ation ations ateur trice "
    "ement ements ais ait ir it re ure eur x t ue uer uee sse rice"
)

STOP = """
le la les l un une des du de d au aux et ou mais ne pas n plus avec sans dans en sur sous pour par chez vers ce cet
cette ces
c qu que qui quoi dont ou quel quelle quels quelles est sont etait ete etre a ont avait avoir je tu il elle on nous
vous ils
elles me te se lui leur leurs mon ma mes son sa ses notre nos votre vos s il te plait svp merci bonjour veuillez
peux peut
pouvez pourriez pourrais faut faire fait fais faites veux voudrais dois doit comme si tout tres bien y j m t encore
maintenant monsieur madame ancien ancienne jamais
donne donner donnez gens dernier derniere derniers derniere hier demain lundi entreprise societe afin quand deja
toujours
"""
