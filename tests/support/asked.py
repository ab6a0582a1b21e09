"""How the actions are asked for, in words that were written before the index had been tuned for them.

Each set was written without a look at the index. What it found of them then, as the first and among the first three:
of `FIRST` 74 % and 78 %, of `SECOND` 74 % and 76 %, of `THIRD` 70 % and 81 %, of `FOURTH` 70 % and 82 %. Since then the
lexicon has learnt from them, so that they only tell whether it forgets. To measure anew, write another set first.
"""

Asked = dict[str, tuple[str, ...]]

FIRST: Asked = {
    "lookup_user": (
        "When did Maria last log in?",
        "person info for m.garcia@acme.io",
        "Status des Mitarbeiterkontos prüfen",
        "fetch_user_profile",
        "voir la fiche d'un salarié",
    ),
    "search_users": (
        "I'm looking for all contractors in Berlin",
        "people with title Engineer",
        "Suche nach Mitarbeitern in der Abteilung IT",
        "buscar usuarios bloqueados",
        "query_users",
        "誰がロックされていますか。ユーザー一覧",
    ),
    "create_user": (
        "Register a new colleague in Okta",
        "provision account for contractor",
        "Konto für neue Mitarbeiterin einrichten",
        "ajouter un nouveau salarié",
        "createNewUser",
        "crear cuenta para un nuevo compañero",
    ),
    "update_user_profile": (
        "Her phone number has changed",
        "edit manager field",
        "Nachnamen eines Benutzers ändern",
        "modifier l'adresse e-mail de Paul",
        "set_user_department",
        "ユーザーの電話番号を更新する",
    ),
    "activate_user": (
        "The rehire's account should work again",
        "activate staged account",
        "Konto freischalten",
        "activer un utilisateur",
        "reactivate_user",
        "activar la cuenta de María",
    ),
    "deactivate_user": (
        "Tom quit yesterday, lock him out for good",
        "terminate employee access",
        "Mitarbeiter ausgeschieden, Konto stilllegen",
        "supprimer l'accès d'un salarié qui part",
        "offboard_employee",
        "desactivar usuario",
    ),
    "suspend_user": (
        "Put Lisa's account on hold while we investigate",
        "temporarily disable user",
        "Konto einfrieren",
        "geler un compte",
        "freezeUser",
        "アカウントを凍結する",
    ),
    "unsuspend_user": (
        "Lisa has been cleared, give her back her access",
        "undo suspension of user",
        "Suspendierung von Lisa aufheben",
        "réactiver un utilisateur suspendu",
        "unfreeze_user",
        "reanudar cuenta suspendida",
    ),
    "add_user_to_group": (
        "Tom should be a member of VPN Users",
        "include somebody in team",
        "Nimm Tom in die Gruppe VPN auf",
        "inscrire Paul dans l'équipe Ventes",
        "add_group_member",
        "agregar a María al equipo de Ventas",
    ),
    "remove_user_from_group": (
        "Tom shouldn't be in VPN Users anymore",
        "drop person from team",
        "Tom soll nicht mehr in der Gruppe sein",
        "exclure Paul du groupe",
        "removeMember",
        "メンバーをグループから削除",
    ),
    "list_group_members": (
        "Show me everybody in the Finance team",
        "members of group",
        "Wer gehört zur Gruppe Finanzen?",
        "lister les membres de l'équipe",
        "group_users",
        "quién está en el grupo de Finanzas",
    ),
    "list_user_groups": (
        "What teams is Tom part of?",
        "groups for user",
        "Gruppen eines Benutzers auflisten",
        "les groupes de Paul",
        "user_groups",
        "どのグループにいますか",
    ),
    "lookup_group": (
        "Tell me about the group Finance",
        "group info",
        "Wie groß ist die Gruppe Finanzen?",
        "combien de membres a le groupe",
        "describe_group",
        "グループ情報を見る",
    ),
    "search_groups": (
        "Is there a group for VPN?",
        "group search",
        "Welche Gruppen gibt es?",
        "lister les groupes",
        "list_all_groups",
        "グループ一覧",
    ),
    "lookup_application": (
        "What is the app Zoom configured for?",
        "app info",
        "Informationen zur App Zoom",
        "détails de l'appli",
        "describe_app",
        "ver aplicación",
    ),
    "assign_user_to_application": (
        "Give Tom Zoom, it's an app",
        "grant app",
        "Tom soll Zugriff auf die App Zoom bekommen",
        "assigner l'appli Zoom à Paul",
        "grantApplicationAccess",
        "dar acceso a una aplicación",
    ),
    "unassign_user_from_application": (
        "Tom must not use the app Zoom any longer",
        "remove app from person",
        "Tom die App Zoom wegnehmen",
        "enlever l'appli à Paul",
        "unassign_app",
        "アプリのアクセス権を取り消す",
    ),
    "list_changes": (
        "Who did what here today?",
        "recent activity of this assistant",
        "Änderungsprotokoll anzeigen",
        "les derniers changements",
        "list_history",
        "¿qué se ha cambiado?",
    ),
    "undo_change": (
        "I didn't mean to do that, reverse it",
        "roll back",
        "Mach das rückgängig",
        "annule ça",
        "revertChange",
        "取り消して",
    ),
}

SECOND: Asked = {
    "lookup_user": (
        "Pull up the record for jsmith",
        "Wer ist eigentlich Frau Meier?",
        "renseignements sur un employé",
        "check user status",
    ),
    "search_users": (
        "Who works in Finance?",
        "Welche Mitarbeiter haben sich noch nie angemeldet?",
        "trouver les employés du service marketing",
        "find_user_by_name",
    ),
    "create_user": (
        "We hired Anna, please get her into the system",
        "Bitte lege einen Account für Herrn Schulz an",
        "inscribir a un nuevo empleado",
        "新しいユーザーを追加したい",
    ),
    "update_user_profile": (
        "Move Anna from Sales to Marketing in her profile",
        "Telefonnummer korrigieren",
        "corriger le prénom d'un utilisateur",
        "edit_user",
        "actualizar el departamento de un empleado",
    ),
    "activate_user": (
        "Turn the account on again",
        "Deaktivierten Benutzer reaktivieren",
        "usuario volver a activar",
        "アカウントを再度有効にする",
    ),
    "deactivate_user": (
        "Employee was let go today, shut everything down",
        "Zugang dauerhaft abschalten",
        "fermer le compte d'un ancien collaborateur",
        "deprovision_user",
    ),
    "suspend_user": (
        "Keep him from logging in until Monday",
        "Konto pausieren",
        "bloquear a un usuario por un tiempo",
        "lock_account",
    ),
    "unsuspend_user": (
        "He can come back in now, lift the block",
        "Kollegin wieder reinlassen",
        "débloquer le compte suspendu",
        "reinstate_user",
    ),
    "add_user_to_group": (
        "Give Anna the Marketing group",
        "Anna soll Mitglied der Gruppe Marketing werden",
        "mets Anna dans l'équipe Marketing",
        "join_group",
        "Annaをマーケティンググループに入れて",
    ),
    "remove_user_from_group": (
        "Anna left the Sales team, take her out",
        "Gruppenmitgliedschaft entfernen",
        "quitar a Ana del equipo",
        "remove_group_user",
    ),
    "list_group_members": (
        "people in the Sales group",
        "Wer ist alles in der Gruppe Vertrieb?",
        "mostrar los integrantes del equipo",
        "list_members",
    ),
    "list_user_groups": (
        "what is Anna a member of",
        "Gruppenzugehörigkeit von Anna",
        "a quels groupes appartient Anna",
        "user_group_memberships",
    ),
    "lookup_group": (
        "What's the description of the Sales group?",
        "Gruppe nachschlagen",
        "ver detalles de un grupo",
        "group_info",
    ),
    "search_groups": (
        "any groups with 'admin' in the name?",
        "Alle Gruppen anzeigen",
        "tous les groupes",
        "グループを探す",
    ),
    "lookup_application": (
        "is Zoom SAML or OIDC? it's one of our apps",
        "Anwendung nachschlagen",
        "ver los detalles de la app",
        "get_application",
    ),
    "assign_user_to_application": (
        "Anna should be able to use Figma, assign her",
        "Benutzer einer App zuordnen",
        "attribuer une application à un collègue",
        "provision_app_access",
    ),
    "unassign_user_from_application": (
        "Take Figma away from Anna, she has the app but shouldn't",
        "App-Zuweisung aufheben",
        "retirer une application à un utilisateur",
        "revoke_app_access",
    ),
    "list_changes": (
        "What has been done through this tool lately?",
        "Was wurde zuletzt geändert?",
        "liste des modifications récentes",
        "changelog",
    ),
    "undo_change": (
        "Wrong person! take it back",
        "letzte Aktion rückgängig",
        "revenir en arrière",
        "元に戻して",
    ),
}

THIRD: Asked = {
    "lookup_user": (
        "show me the account of the new intern, her login is nina",
        "Kontostatus von Nina abfragen",
        "user_info",
    ),
    "search_users": (
        "which people were created this week?",
        "Personen mit Nachnamen Huber finden",
        "listar empleados del departamento de RRHH",
    ),
    "create_user": (
        "set up Nina in Okta as a contractor",
        "Neuzugang erfassen",
        "register_employee",
    ),
    "update_user_profile": (
        "Nina was promoted to Senior Engineer",
        "Jobtitel aktualisieren",
        "modificar el apellido de una persona",
    ),
    "activate_user": (
        "our seasonal worker returns, reactivate him",
        "activation d'un compte en attente",
        "activar cuenta nueva",
    ),
    "deactivate_user": (
        "We had to fire Ben this morning, cut off his access",
        "Konto eines ausgetretenen Mitarbeiters deaktivieren",
        "解雇した社員のアカウントを無効にする",
    ),
    "suspend_user": (
        "Ben's laptop was stolen, suspend him until we know more",
        "Benutzerkonto zeitweise sperren",
        "suspend_account",
    ),
    "unsuspend_user": (
        "Ben is fine, remove the suspension",
        "Suspendierten Benutzer wieder freigeben",
        "ユーザーの停止を解除",
    ),
    "add_user_to_group": (
        "Nina needs to be in the Interns group",
        "Mitglied hinzufügen",
        "añade a Nina al grupo de becarios",
    ),
    "remove_user_from_group": (
        "get Ben out of Interns group please",
        "ein Gruppenmitglied löschen",
        "supprimer un utilisateur d'un groupe",
    ),
    "list_group_members": (
        "give me a list of everyone in group Interns",
        "Mitgliederliste der Gruppe",
        "グループに誰がいる?",
    ),
    "list_user_groups": (
        "show groups Nina is in",
        "Zu welchen Gruppen gehört Nina?",
        "grupos de un usuario",
    ),
    "lookup_group": (
        "when was the group Interns created",
        "Gruppeninfo",
        "détails du groupe Stagiaires",
    ),
    "search_groups": (
        "find the group for interns",
        "gruppen auflisten",
        "lista de grupos",
    ),
    "lookup_application": (
        "details about our GitHub app",
        "App-Details",
        "informations sur une application",
    ),
    "assign_user_to_application": (
        "Nina can't see GitHub, please assign the app to her",
        "App zuteilen",
        "アプリへのアクセスを付与",
    ),
    "unassign_user_from_application": (
        "Ben shouldn't have the GitHub app any more",
        "Anwendungszuweisung entfernen",
        "desasignar aplicación",
    ),
    "list_changes": (
        "show me the log of changes made here",
        "Liste der Änderungen",
        "qui a modifié quoi",
    ),
    "undo_change": (
        "undo",
        "Kannst du das zurücknehmen?",
        "annuler le changement",
    ),
}

FOURTH: Asked = {
    "lookup_user": (
        "is Omar's account active?",
        "get details for omar@acme.com",
        "Benutzerprofil ansehen",
    ),
    "search_users": (
        "give me all employees with department HR",
        "inaktive Konten suchen",
        "liste des comptes",
    ),
    "create_user": (
        "add a new employee called Omar Haddad",
        "Mitarbeiter neu anlegen",
        "create_person",
    ),
    "update_user_profile": (
        "Omar's cell number is different now, please fix",
        "change user email",
        "cambiar el correo de un usuario",
    ),
    "activate_user": (
        "switch Omar's account back on",
        "Konto aktivieren",
        "enable_account",
    ),
    "deactivate_user": (
        "Omar's contract ended, remove all his access",
        "disable account permanently",
        "cerrar la cuenta de un exempleado",
    ),
    "suspend_user": (
        "stop Omar from signing in for the moment",
        "suspend login",
        "mettre un compte en pause",
    ),
    "unsuspend_user": (
        "let Omar sign in again, he is cleared",
        "unsuspend",
        "rétablir l'accès d'un utilisateur suspendu",
    ),
    "add_user_to_group": (
        "make Omar a member of the Admins-EU group",
        "put people in group",
        "ajouter une personne à une équipe",
    ),
    "remove_user_from_group": (
        "Omar has moved on from team Data, remove him from the group",
        "delete membership",
        "den Benutzer aus dem Team nehmen",
    ),
    "list_group_members": (
        "who's in the Data group?",
        "Mitglieder einer Gruppe auflisten",
        "afficher les membres d'un groupe",
    ),
    "list_user_groups": (
        "check Omar's group memberships",
        "list groups of person",
        "welche Gruppen hat Omar",
    ),
    "lookup_group": (
        "show group Data",
        "fetch_group",
        "Gruppendetails",
    ),
    "search_groups": (
        "which groups do we have?",
        "query_groups",
        "todos los grupos",
    ),
    "lookup_application": (
        "show me the app Tableau",
        "Anwendungsdetails",
        "info_app",
    ),
    "assign_user_to_application": (
        "Omar wants Tableau, give him the application",
        "Anwendung zuteilen",
        "add_app_assignment",
    ),
    "unassign_user_from_application": (
        "take Tableau (the app) off Omar's account",
        "remove application from user",
        "quitarle la app a Omar",
    ),
    "list_changes": (
        "what have you changed so far?",
        "history of changes",
        "更新の履歴",
    ),
    "undo_change": (
        "please reverse what you just did",
        "undo last",
        "mach die letzte Änderung rückgängig",
    ),
}
