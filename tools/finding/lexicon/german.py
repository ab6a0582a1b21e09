"""German. Its compounds are taken apart: of `Gruppenmitglieder` both halves are found."""

TABLE = """
user: benutzer nutzer anwender person mitarbeiter angestellt kolleg konto account user leute mensch kennung
user: mitarbeitend beschaftigt personen jemand zugang ~ihn ~sie ~ihm kunde
group: gruppe grupp team
member: zugehorigkeit gehor gehort mitglied mitgliedschaft angehor teilnehmer
list member group: wer_ist_in wer_gehort_zu wer_gehort_zur wer_alles_in
list group user: welche_gruppen_hat zu_welchen_gruppen in_welchen_gruppen ist_in_welchen
list application user: wer_hat wer_nutzt
list user application: welche_anwendungen welche_apps
add: fuge soll_mitglied mitglied_werden ~nimm hinzufug hinzugefug hinzuzufug aufnehm aufgenommen aufnahm beitret
add: einfug eintrag ~geb fuge_hinzu dazutun ~steck pack
add group: in_die_gruppe nimm_auf
remove: ~nehm entfern rauswerf rausnehm rausgeworf herausnehm austrag entnehm entzieh schmeiss wirf rauszunehm
remove: rausschmeiss ausschliess
remove group: aus_dem_team aus_der_gruppe nicht_mehr_in nicht_langer_in
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
unsuspend: entsperr aufheb aufgehoben fortsetz wieder_freigeben wieder_zulassen suspendierung_aufheben sperre_aufheben
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
assign: weise zuweis zugewiesen zuordn zuteil zugriff_auf zuzuweis zugriff berechtig ~geb zuweisung bekommt freigab
unassign: zuweisung_aufheben zuordnung_aufheben zuweisung_loschen entzieh entzug wegnehm weggenommen
unassign: zuweisung_entfernen wegnahm entzogen zugriff_entziehen
role: rolle rechte recht
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
list change: letzte_anderungen wer_hat_geandert was_wurde_geandert verlauf
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
"""

ENDINGS = (
    "e en er ern es em n s t et te ten tet end ende enden ung ungen ungs st est in innen ens est ete eten ing ern ig"
)
LINKS = "s es n en er e ge zu ens ungs t"
"""What stands between the parts of a compound, or inside a participle."""

STOP = """
der die das den dem des ein eine einen einem einer eines und oder aber nicht kein keine keinen mit ohne von vom zu
zum zur
in im an am auf aus bei beim nach fur durch um uber unter vor ist sind war waren sei sein hat haben hatte wird
werden wurde
ich du er sie es wir ihr mich mir dich dir uns euch ihm ihn ihnen mein meine meinen unser unsere seine seinen ihre
ihren
bitte mal doch noch schon auch nur so wie was wo wann wer wen wem wessen warum wieso man kann konnen konntest soll
sollen
mochte will wollen muss mussen darf durfen gerade jetzt heute sofort wieder mehr diese dieser dieses diesen
welche welcher welchen welches da dann wenn als ob weil dass damit hier dort danke hallo ab seit gibt gab geben mach
machen
lass lassen kollegin tu tun raus rein hin her weg uberall sich herr herrn frau eigentlich zuletzt nie niemals bis
montag gemacht machte getan wurden waren hatten werde wirst firma unternehmen letzte letzten letzter letzt stunde
stunden tag tagen gestern morgen woche monat nicht_mehr braucht brauchen brauche moglich zurzeit momentan eben mich
selbst einmal
"""
