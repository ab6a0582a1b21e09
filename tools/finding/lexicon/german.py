"""German. Its compounds are taken apart: of `Gruppenmitglieder` both halves are found."""

TABLE = """
user: benutzer nutzer anwender person mitarbeiter angestellt kolleg konto account user leute mensch kennung
user: mitarbeitend beschaftigt personen jemand zugang ~ihn ~sie ~ihm kunde
group: gruppe grupp team
member: zugehorigkeit gehor gehort mitglied mitgliedschaft angehor teilnehmer
list member group: wer_ist_in wer_gehort_zu wer_gehort_zur wer_alles_in
list group user: welche_gruppen_hat zu_welchen_gruppen in_welchen_gruppen ist_in_welchen
list application user: wer_nutzt
add: fuge soll_mitglied mitglied_werden ~nimm hinzufug hinzugefug hinzuzufug aufnehm aufgenommen aufnahm beitret
add: einfug eintrag ~geb fuge_hinzu dazutun ~steck pack
add group: nimm_auf
remove: ~nehm entfern rauswerf rausnehm rausgeworf herausnehm austrag entnehm entzieh schmeiss wirf rauszunehm
remove: rausschmeiss ausschliess
remove group: nicht_mehr_in nicht_langer_in
create: lege anleg angeleg erstell erzeug anzuleg lege_an leg_an einricht eingericht neu neuanlag anlag
create user: neueinstell neuzugang eintritt einstell fangt_an neue_kollegin neuer_kollege onboarding
update: ander geander anpass angepass aktualisier bearbeit setz umbenenn abander anderung ~umzieh ~wechsel
update: ~korrigier wechselt aktualisiert
profile: job profil attribut abteilung titel stellenbezeichnung nachname vorname telefon telefonnummer kostenstelle
profile: vorgesetzt position nummer daten stammdaten feld adresse rufnummer
update profile: heirat geheiratet umbenenn
email: mail mailadress email postfach
delete: losch geloscht vernicht endgultig_entfernen
deactivate: dauerhaft deaktivier abschalt stilllegen stillleg ausser_betrieb abgeschaltet ~sperr
deactivate user: kundig gekundigt ausscheid ausgeschied austritt verlasst verlassen entlass offboarding ausgetreten
activate: aktivier freischalt reaktivier freigeschaltet einschalt wiederherstell
suspend: suspendier aussetz sperr gesperrt blockier stilllegung einfrier pausier vorubergehend zeitweil ausgesetzt
suspend: aussperr
unsuspend: ~entsperr aufheb aufgehoben fortsetz wieder_freigeben wieder_zulassen suspendierung_aufheben sperre_aufheben
unsuspend: wieder_rein wieder_reinlassen
unsuspend user: suspendierung_aufheben sperrung_aufheben
unlock: entsperr ausgesperrt entriegel freigeb
unlock user: zu_viele_fehlversuche nach_fehlversuchen fehlversuch falsches_passwort
password: passwort kennwort losungswort passworter
reset: zurucksetz rucksetz zuruckgesetzt zuruckzusetz
reset password: passwort_vergessen kennwort_vergessen
expire: ablauf abgelaufen ablaufen
factor: faktor authentifizierung authentisierung authentifikator mehrfaktor zweifaktor
whole factor: alle_faktoren samtliche_faktoren
verify user: anrufer verifizier identitat_prufen
grant: zustimmung einwilligung
session: sitzung session
clear session: abmeld abgemeldet ausloggen auslogg uberall_abmelden
clear: beend schliess
application: anwendung app programm applikation software
assign: weise zuweis zugewiesen zuordn zuteil zugriff_geben zuzuweis ~zugriff berechtig ~geb zuweisung bekommt freigab
unassign: zuweisung_aufheben zuordnung_aufheben zuweisung_loschen entzieh entzug wegnehm weggenommen
unassign: zuweisung_entfernen wegnahm entzogen zugriff_entziehen
role: rolle rechte
administrator: administrator admin verwalter
summarize: zusammenfass statisti
log: protokoll log ereignis systemprotokoll logbuch
search: wer_arbeitet such find gesucht durchsuch alle
lookup: pruf uberpruf anzeig zeig nachschlag detail wer_ist angaben auskunft info nachschau ansehen status
list: list aufliste auflist auflisten welche ubersicht ~zeig ~anzeig liste
count: gross grosse zahl wie_viele wieviel anzahl
export: exportier ausfuhr herunterlad
undo: ruckgangig widerruf zuruckdreh zurucknehm ruckabwickl zuruckgenommen ruckgangigmach
change: anderungen historie
list change: was_wurde_gemacht was_geandert zuletzt_geandert anderungsverlauf anderungshistorie anderungsprotokoll
list change: letzte_anderungen was_wurde_geandert verlauf
device: gerat laptop rechner handy
rule: regel
preview: vorschau probe simulier
review access: uberpruf rezertifizier
policy: richtlinie
zone: zone netzwerk
owner: besitzer eigentumer verantwortlich
token: token
risk: risiko
list application group: gruppen_einer_anwendung gruppen_der_anwendung gruppen_einer_app gruppen_der_app
explain access: warum_hat wieso_hat weshalb_hat warum_ist_in woher_hat
explain sign_in: kann_sich_nicht_anmelden anmeldeproblem nicht_anmelden
sign_in: angemeld eingelogg anmeld anmeldung einlogg login
resend: nochmals_senden erneut_senden erneut_schicken nochmal_schicken nochmal_senden
activation: aktivierungsmail aktivierungslink einladung
verify: ~uberpruf identitat_prufen
brand: branding logo anmeldeseite
domain: domain domane
certification: rezertifizierung
workflow: arbeitsablauf ablaufe
agent: agent
directory: verzeichnis
schema: ~attribut welche_attribute
segment: nachsten_teil naechsten_teil
user: praktikant azubi auszubildend werkstudent freiberufler dienstleister belegschaft ruckkehrer fachkraft ~extern
user: mitarbeiterin personal mensch beschaftigte
user: ~kollegin ~herr ~frau
group: arbeitsgruppe verteiler
count: wie_viele wie_viel anzahl zahl
summarize: zusammenfass uberblick auswert statistik haufigst
export: datei tabelle excel auszug exportier speicher csv
segment: teil nachster_teil nachste_teil fortsetz fortsetzung weiteren rest
segment export: exportierte_datei exportierten_datei
session: uberall allen_geraten allen_gerate
expire: nachsten_anmelden nachsten_anmeldung nachstes_mal zwing erzwing neues_kennwort_vergeben neues_passwort_vergeben
expire: ~ablauf
reset: vergess vergesse neusetz wiederherstellung
password: ~zugangsdaten
factor: zweitfaktor zweifaktor sicherheitsschlussel anmeldemethode authentifizierungsmethode ~handy ~smartphone
unlock: fehlversuch freigeb falsch_eingegeb
suspend: elternzeit mutterschutz ~zeitweise pause ruhend
unsuspend: zuruck_aus wieder_da ist_zuruck freigeb suspendierung_beend sperre_beend
activate: ruckkehr wiedereintritt wieder_aktivier
delete: endgultig dsgvo vollstandig restlos ~ganz
deactivate user: ausgeschieden gekundigt verlasst_uns verlasst_die
deactivate: kappen dichtmach
resend: noch_einmal nochmal nochmals erneut ~wieder
resend activation: nicht_erhalten nie_bekommen nicht_bekommen nicht_angekommen keine_mail
activation: willkommensmail begrussungsmail begrussung willkommen aktivierung
verify: anrufer identitat am_telefon wirklich echt ausgib vorgib
add: hinzu_fug rein_nehm aufnahme steck
remove: rausnehm herausnehm entfernung ~raus
delete: kann_weg
lookup: beschreib beschreibung
owner: wem_gehort zustandig verantwort gehort_die
review: rezertifizierung uberprufung stichtag
review group: wer_ist_warum
search: gibt_es existier beginn enthalt im_namen namens heiss
rule: automatisch gruppenregel
preview: wurde_man wurden kame kamen ware waren_dann probelauf testlauf ~wenn_man falls
application: applikation werkzeug tool
assign: brauch benotig freischalt bereitstell ausroll zugang_zu verteil ~brauch ~bekomm
access: zugriff
unassign: ~zugriff wegnehm entzieh verlier nicht_mehr_bekomm nicht_mehr_nutz
unassign application: zugriff_wegnehm
whole: ~alle ~samtlich ~komplett ~gesamt
administrator: adminrecht super_admin privilegiert
explain: woran grund ursache problem ~fehler ~warum ~wieso ~weshalb
explain sign_in: kommt_nicht_rein nicht_einlogg schlagt_fehl fehlschlag anmeldung_schlagt kommt_nicht_ins nicht_rein
explain sign_in: klappt_nicht funktioniert_nicht
sign_in: reinkomm
log: fehlgeschlag fehlschlag eintrag ~gestern auffallig verdachtig ereignisse protokolleintrag
export log: protokoll_herunterlad
explain access: woher wodurch woruber wie_kam warum_ist warum_hat
change: ~hier hier_zuletzt mit_diesem
list change: hier_zuletzt
undo: ruckgangig zuruckroll war_falsch wiederherstell_anderung
schema: feld welche_felder welche_attribute
grant: einwillig zustimm oauth im_namen
enroll: hinterleg registrier
lookup count member group: wie_viele_mitglieder wieviele_mitglieder wie_gross wie_grosse
delete: nicht_mehr_benotigt nicht_mehr_gebraucht uberflussig unbenutzt
suspend: auf_eis
list user group: gruppenzugehorigkeit
user: exmitarbeiter untergeben mensch benutzerkonto mitarbeiterkonto
search user: arbeit arbeitet ~sitz
lookup user: zuletzt_angemeldet letzte_anmeldung letzter_login kontodaten
update profile: heisst_jetzt heiratet namensanderung umgezogen
profile: personalnummer mailadresse
update: falsch_geschrieb tippfehler
deactivate user: scheidet_aus scheid kundigung geht_zum hort_auf verlasst verlass
deactivate: abschalt schliess dicht
resend: abgelauf
activation: willkommensmail registrierung
suspend: bis_auf_weiteres ~bis blockier
lock: kontosperre
unlock: kontosperre ~ausgesperrt
clear: abbrech trenn kapp
factor: methode ausweis weist_sich
reset: ~verlor ~verlier
reset whole factor: neues_handy neues_telefon neu_einrichten_lassen komplett_zurucksetz
add: hinzu soll_in
add group: soll_in muss_in gehort_in
remove: rausschmeiss losch_aus
delete: auflos unwiderruflich entsorg
owner: verwaltet betreut
preview: auswirk vorab was_passiert
assign: bekomm erhalt ~braucht
explain: warum wieso weshalb fehlermeldung meldung scheiter
explain sign_in: nicht_einlogg kann_sich_nicht sich_nicht_anmeld sich_nicht_einlogg
search log: von_wem von_welcher_ip
summarize: haufig meist verteilung
segment: mehr_zeilen ~weiter
list change: was_hast_du du_geandert
undo: alten_zustand zurucksetzen_anderung
lookup: infos angabe einstellung konfiguration
export: ausgeb
grant: erteilt erlaubnis
review: berechtigt_uberpruf
count: mitarbeiterzahl
sign_in: meldet_sich_an meldet_an ~meld
delete: losch_aus_okta entfern_aus_okta
user: konten
suspend: voruebergehend_sperr vorubergehend_sperr voruebergehend_sperren vorubergehend_sperren
create user: ~erfass
update: ~eintrag ~hinterleg
unlock: vertippt
remove group: mitgliedschaft_beend mitgliedschaft_in_beend
user: ~gast
list change: hast_du_gemacht
expire: nachsten_login naechsten_login nachster_anmeldung
list application user: benutzt benutzen nutzt nutzen verwend
search log: was_hat_gemacht hat_gemacht
list change: hast_du_gemacht was_hast_gemacht
"""

ENDINGS = (
    "e en er ern es em n s t et te ten tet end ende enden ung ungen ungs st est in innen ens est ete eten ing ern ig"
)
LINKS = "s es n en er e ge zu ens ungs t"
"""What stands between the parts of a compound, or inside a participle."""

STOP = """
kannst konnt konntet konnten kannst darfst durfen wurdest wurden willst wollt solltest sollten bin bist seid
der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine keinen mit ohne von vom zu
zum zur
in im an am auf aus bei beim nach fur durch um uber unter vor ist sind war waren sei sein hat haben hatte wird
werden wurde
ich du er sie es wir ihr mich mir dich dir uns euch ihm ihn ihnen mein meine meinen unser unsere seine seinen ihre
ihren
bitte mal doch noch schon auch nur so wie was wo wann wer wen wem wessen man kann konnen konntest soll
sollen
mochte will wollen muss mussen darf durfen gerade jetzt heute sofort wieder mehr diese dieser dieses diesen
welche welcher welchen welches da dann wenn als ob weil dass damit hier dort danke hallo ab seit gibt gab geben mach
machen
lass lassen kollegin tu tun raus rein hin her weg uberall sich herr herrn frau eigentlich zuletzt nie niemals bis
montag gemacht machte getan wurden waren hatten werde wirst firma unternehmen letzte letzten letzter letzt stunde
stunden tag tagen gestern morgen woche monat nicht_mehr moglich zurzeit momentan eben mich
selbst einmal
alle alles jede jeder jedes jedem jeden etwas nichts niemand irgend sehr ganze ganzen ganzer gesamte gesamten unbedingt
bzw inkl samt sowie dessen deren dabei dazu daran darauf daruber davon dafur hierzu neulich bereits derzeit aktuell
aktuelle aktuellen naechste nachste nachsten nachster eigentlich wohl mal eben halt mehr weniger viel viele wenig
uns bei den zwischen gegen ohne bevor nachdem solange sobald sodass habe hast habt wollte wollten sollte sollten
konnte musste ware hatte wurden wirklich liegt liegen gilt geht gehen kommt kommen lang zeit jahr jahre jahren
januar februar marz april mai juni juli august september oktober november dezember dienstag mittwoch donnerstag
freitag samstag sonntag nacht abend mittag vormittag nachmittag projekt anfrage falls bzgl wegen steht stehen stand
solle vom beim ins ans aufs zurzeit leute's neuer neue neues neuen
eigenen eigene einfach genau dort drin drinnen dran
"""

INTO = "in aus ins"
QUESTIONS = "ist sind hat haben hatte war gibt wie wann wo warum wieso weshalb wem wessen wodurch woher"
OF = "von der des einer eines in im fur mit"
WHEN = "wann wer"
ENDED = "nicht_mehr nicht_langer kein_mehr keine_mehr keinen_mehr"
TO_ME = "mir uns"
ONE = "ist"
WHETHER = "ist sind wurde war"
ABOUT = "zugewiesen"
REQUESTS = "bitte kannst konnten konnen konntest kann wurdest wurden"
WHO = "wer"
WHICH_ASKED = "welche welcher welches welchen welchem"
WHICH_SHOWN = "alle liste zeige zeig samtliche"
