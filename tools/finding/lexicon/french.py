"""French."""

TABLE = """
user: utilisateur utilisatrice personne employe salarie collaborateur collaboratrice compte collegue gens
user: quelqu_un agent_humain usager
group: groupe equipe
member: membre adherent appartenance appartient
list member group: qui_est_dans qui_fait_partie
list group user: dans_quels_groupes quels_groupes_se_trouve dans_quels_groupes_se_trouve
list application user: qui_a_acces qui_utilise utilisateurs_d_une_application utilisateurs_de_l_appli
add: ajout rajout inscri integr inclu mett met
remove: retir enlev exclu ~sort sortir supprimer_du_groupe otez ote
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
unsuspend: reprendre lever_la_suspension leve_la_suspension ~debloqu retablir retabli levee lev annuler_la_suspension
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
assign: attribu affect assign ~acces donner_acces donne_acces accord
unassign: retirer_l_acces desattribu revoqu retirer_l_application desassign
role: role droit privilege
administrator: administrateur administratrice admin
summarize: resum statisti
log: journal journaux evenement trace
search: cherch recherch trouv tous toutes
lookup: affich montr consult detail voir qui_est information renseignement fiche statut
list: list enumer montr liste
count: combien compt ~nombre
export: export telecharg
undo: annul defai defaire retour_en_arriere revenir
undo change: annuler_la_modification annule_la_modification
change: changements
list change: historique dernieres_modifications modifications changements
device: appareil ordinateur terminal portable
rule: regle
preview: simul previsualis apercu
review access: revue recertifi
policy: politique strategie
zone: zone reseau
owner: proprietaire
token: jeton
risk: risque
explain access: pourquoi_a pourquoi_est pourquoi_dans
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
user: stagiaire prestataire interimaire effectif recrue arrivant apprenti personnel externe alternant
count: combien_de combien_d nombre_de effectif
summarize: resum synthese statistique bilan recapitul
export: fichier tableur extrai extract extraction csv excel
segment: suite partie_suivante suivant ~partie reste continu
segment export: suite_de_l_export fichier_exporte
session: partout appareils tous_ses_appareils
expire: oblig forc prochaine_connexion expir prochaine_fois
reset: oubli perdu_son_mot_de_passe
reset factor: telephone_perdu
factor: mfa double_facteur moyens_d_authentification methode_d_authentification ~telephone ~portable cle_de_securite
factor: deuxieme_facteur
reset: ~perd
unlock: tentative essai deverrou ~verrouill
suspend: conge provisoire provisoirement temporaire ~bloqu
unsuspend: de_retour
activate: reintegr revient
delete: definitivement rgpd ~completement
deactivate user: ancien_salarie part_demain quitte_la_societe collaborateur_parti
deactivate: ferm clotur
create: ouvr cre
resend: renvoy renvoi a_nouveau de_nouveau
resend activation: n_a_pas_recu pas_recu jamais_recu
activation: bienvenue mail_de_bienvenue
verify: identite appelant au_telephone verifi_identite vraiment
add: integr mett mets
lookup: fiche
owner: proprietaire ~responsable gere
review: revue recertification
search: y_a_t_il existe existent contien contenant commence commencant nomme
rule: automatique automatiquement regle
preview: rejoindrai seraient serait aurait si_on si_la_regle essai_a_blanc
application: outil
assign: licence
unassign: ~acces
access: acces
unassign: perd perdre ne_plus_avoir retirer_l_acces
whole: ~tout ~toute ~tous ~toutes ~entier ~completement
administrator: administration privilegi
explain: pourquoi cause raison probleme souci
explain sign_in: n_arrive_pas ne_parvient_pas impossible_de_se_connecter arrive_pas_a_se_connecter
explain sign_in: probleme_de_connexion arrive_t_elle_pas arrive_t_il_pas
log: echou echec tentative ~hier suspect evenement
search log: connexions_echouees
explain access: d_ou_vient comment_a_t d_ou
change: ici ~modifications
undo: erreur reviens retour_arriere
schema: champ quels_attributs quels_champs obligatoire
grant: oauth consenti autoris au_nom
enroll: enregistr
lookup count member group: combien_de_membres nombre_de_membres
delete: inutilis devenu_inutile obsolete
suspend: mettre_en_pause mets_en_pause
search user: travaill
lookup user: derniere_connexion
update profile: s_appelle_desormais demenag mari
suspend: ~en_attente mettre_en_attente jusqu_a_nouvel_ordre
unlock: essais trop_d_essais
whole: tout
list application: applis
add: inscri
explain: erreur refus
log: connexions
segment: encore_des_lignes
delete: dissoudr
delete: supprim_d_okta

log: journal_systeme
count: nombre_d_utilisateurs nombre_d_employes nombre_de_comptes nombre_de_personnes
deactivate: coup couper
remove: sors sor
assign: besoin_de besoin
factor: moyen methode
whole factor: tous_ses_facteurs
list change: as_tu_modifie as_tu_change
search log: qu_a_fait a_t_fait
expire: prochain_login prochaine_session
"""

ENDINGS = (
    "e s es r er ez ent ant ee ees ons ions ation ations ateur trice "
    "ement ements ais ait ir it re ure eur x t ue uer uee sse rice"
)

STOP = """
peut peuvent puis pourra pourrait dis dites
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
notre nos chaque tel telle aucun aucune entre depuis pendant apres avant jusqu selon ainsi donc car alors aussi moins
peu beaucoup trop assez meme memes autre autres celui celle ceux celles dont ceci cela ca voici voila oui non
avons avez sont serons sera seront etes suis es sommes avait avaient ont vient viennent vont vas va allons
janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre mardi mercredi jeudi vendredi
samedi dimanche semaine mois annee an jour jours heure heures minute minutes nuit matin soir prochain prochaine
bureau projet demande devenu inutile exactement
ici
"""

INTO = "dans"
QUESTIONS = "est combien comment quand pourquoi"
OF = "de d du des dans"
WHEN = "quand qui"
ENDED = "ne_plus doit_plus n_plus a_plus"
ONE = "est"
WHETHER = "est"
ABOUT = "affectes affectees attribues attribuees"
REQUESTS = "peux pouvez pourriez pourrais veuillez svp"
WHO = "qui"
WHICH_ASKED = "quel quels quelle quelles"
WHICH_SHOWN = "tous toutes liste lister affiche montre"
