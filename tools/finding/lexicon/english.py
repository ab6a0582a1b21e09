"""English as administrators and the people they work for speak it."""

TABLE = """
whole: all every each
search: ~all ~every
user: user person people human employee staff worker colleague account somebody someone guy everyone
user: everybody
user: coworker contractor folks principal individual ~member ~he ~she ~him ~her ~them ~they ~his ~hers
user: anybody anyone teammate ~personnel
group: group team ~squad ~distribution ~dl crew
group: security_group ~department ~distribution_list ~mailing_list
member: member membership ~belong roster participant ~part_of
list user group: ~belong which_groups_does which_groups_is what_is_member_of
list member group: roster who_is_in who_s_in who_are_in who_belongs
list member group: users_of_group people_of_group ~headcount
list group: show_groups show_teams
list user: show_users show_people show_employees
list application: show_apps show_applications
list group: what_groups which_groups what_teams which_teams
list application user: ~who_has who_uses users_of_app users_of_application people_with_app users_with_app app_users
list application user: users_assigned people_assigned users_of_an_app users_of_an_application application_users
list application group: groups_assigned_to_app groups_assigned_to_application groups_that_have_app groups_have_app
list application group: groups_assigned groups_of_app groups_of_application which_groups_give groups_with_app app_groups
list user application: user_apps
add: add_to put_in add join put insert include enroll_in grant ~give ~append ~attach ~let_into ~place ~make ~move
add group: make_member to_be_in should_be_in needs_to_be_in give_group should_be_in should_be_member be_member_of
add group: become_member should_be_part become_part add_into stick_into join_to put_into ~add_to ~put_in ~throw_in
add group: ~move_to ~move_into ~move_over_to
remove: remove_from remove take_out take_off kick kick_out drop pull leave throw_out ~revoke ~eject ~detach
remove: ~exclude get_out_of
remove: ~take_away ~strip ~rid kick_from take_from takes_off ~move_out_of ~delete
remove group: not_be_in no_longer_in no_longer_member no_longer_be_in shouldn_t_be_in not_be_member t_be_member
remove: pull_from
remove group: t_be_in kick_out_of throw_out_of take_off_the_list
create: create new make provision hire build ~add ~register ~set_up ~setup generate ~invite ~open spin_up ~start
create: ~insert
undo change: reverse_what undo_what revert_what
create user: hired into_the_system hire joiner newcomer new_hire new_starter starts_on_monday starts_monday
create user: joins_us new_employee new_person
create user: new_user new_account ~onboard new_joiner starter sign_up ~register first_day new_colleague provision
update: update change edit modify set alter correct fix rename adjust amend replace patch ~move ~switch ~write
update: ~promote ~different
update profile: surname married change_name new_surname promoted promotion job_title cost_center moved_to moves_to
update profile: now_reports
update profile: phone_number mobile_number new_manager new_title moved_department transferred transfer
update profile: cell cell_number phone nickname change_department changed_department last_name first_name
update profile: new_phone department
profile: profile attribute field property detail title department division manager phone mobile surname name
profile: organization location city ~data information
email: email mail e_mail mails emails mailbox address_book
delete: delete erase purge destroy wipe ~remove ~clean_up gdpr ~drop ~kill get_rid_of permanently_remove ~clear
deactivate: deactivate disable terminate decommission deprovision ~off ~end ~retire turn_off switch_off shut_off
deactivate: inactivate
deactivate: ~shut_down ~close ~block ~ban ~revoke_access ~kill ~stop ~deprovisioned
deactivate user: offboard leaver fire fired sacked dismiss quit quits left_the_company leaves_us leaves_the_company
deactivate user: leaving_the_company close_account left_us resigned resign terminated laid_off last_day off_boarding
deactivate user: walked_out let_go shut_down former_employee departing for_good leaver_process gone_for_good
deactivate user: no_longer_works no_longer_with_us ~left ~leaving
deactivate user: shut_out_for_good revoke_all_access remove_all_access contract_ended
activate: activate enable reactivate turn_on switch_on reenable re_enable re_activate bring_back ~start ~restore
activate user: rehire returns_to_us came_back comes_back ~bring_back back_from_the_dead ~restore_access rehired
suspend: suspend pause freeze disable_temporarily temporarily ~block ~ban ~lock ~stop ~hold ~disable sabbatical
deactivate: permanently_disable disable_permanently
suspend: keep_from_logging_in keep_from_signing_in keep_out stop_from_logging_in lock on_hold ~keep_out ~shut_out
suspend: ~lock_out ~bar ~quarantine for_now parental_leave ~while
suspend: temporarily_disable disable_for_now temporarily_block
suspend user: stop_from_signing_in block_sign_in cannot_sign_in block_user freeze_account lock_account block_account
suspend user: ~on_leave ~vacation ~compromised
unsuspend: unsuspend unfreeze resume unpause unban unblock restore_access let_back lift let_back_in end_suspension
unsuspend: ~restore
unsuspend user: come_back_in can_come_back let_sign_in_again give_back_access give_back get_back_access
unsuspend user: lift_suspension
unsuspend user: lift_the_suspension back_from_leave back_from_parental_leave back_from_sabbatical
unsuspend user: let_sign_in let_log_in back_from_vacation restore_access allow_back ~let_in ~reinstate
unsuspend user: remove_suspension lift_block
unsuspend user: end_the_suspension unlock_after_suspension
unlock: unlock ~lock locked_out locked lockout locked_himself_out locked_herself_out too_many_attempts unlock_account
lock: ~lock
password: password passcode credential pass pwd passwort
reset: reset renew reinitialize
reset password: forgot_password forgotten_password forgot_her_password forgot_his_password new_password set_password
reset password: change_password lost_password password_reset temporary_password forgot_their_password temp_password
expire: expire expiry
expire password: force_password_change must_change_password choose_a_new_password_the_next_time new_password_next_time
expire password: new_password_at_next_sign_in change_password_at_next_login choose_new_password
factor: factor mfa 2fa authenticator otp totp yubikey fido webauthn passkey second_factor
factor: multifactor multi_factor okta_verify two_factor google_authenticator security_key verification_code biometric
reset whole factor: new_phone_mfa
reset factor: lost_phone lost_her_phone lost_his_phone lost_yubikey
reset whole factor: reset_mfa reset_factors reset_2fa reset_authenticators reset_multifactor reset_all_mfa
whole factor: all_factors all_mfa every_factor all_authenticators all_multifactor all_2fa each_factor
verify user: prove_who who_they_say who_he_says who_she_says verify_identity identity_verification identity_check
verify user: really_her really_him is_the_caller verify_caller verify_the_caller send_push push_challenge verify
verify user: ~push caller
grant: oauth_consent consent consents oauth_grant act_for allowed_to_act
session: session sessions
clear session: sign_out log_out logout signout log_off sign_everywhere logged_in_everywhere sign_out_everywhere
clear session: kill_sessions end_sessions kick_out_of_okta revoke_sessions signed_out force_sign_out terminate_session
clear: clear empty
application: application app apps software integration saas sso_app tile program
assign: assign assignment entitle ~give ~grant ~provision ~add ~license ~allow ~let ~access
unassign: ~access
access: access
assign application: give_app able_to_use should_use let_use give_access grant_access needs_access
assign group application: give_team_app give_group_app app_to_group app_to_team application_to_group team_should_get
assign application: give_license get_access let_use give_application give_access_to_app should_get_app
assign application: give_seat
unassign: unassign deassign remove_assignment ~revoke ~remove ~withdraw ~take_away
unassign application: revoke_app revoke_application revoke_access remove_access take_away_access
unassign: no_longer_needs ~revoke_license cancel_license
unassign application: t_have_app not_have_app not_use no_longer_use stop_using no_longer_have remove_app
unassign application: revoke_license free_up_license withdraw_access take_the_app take_away_app
role: role privilege permission ~right rights admin_role entitlement
administrator: administrator admin super_admin superadmin help_desk_admin admins superuser
assign role user: make_admin make_administrator grant_admin promote_to_admin
list administrator: who_is_admin who_are_admins who_are_administrators list_admins who_is_an_admin
log: log logs syslog audit system_log event activity logbook sign_in_log audit_log
search log: audit_trail sign_in_history login_history who_signed_in login_attempts failed_logins security_events
explain sign_in: cannot_log_in can_t_log_in can_t_sign_in cannot_login can_t_login unable_to_sign_in sign_in_problem
explain sign_in: login_problem trouble_signing_in trouble_logging_in can_t_get_in why_can_t not_able_to_sign_in
explain sign_in: login_fails
explain access: reason_for_access reason_for_application who_gave_access
explain access: why_does_have why_does why_has where_does_access_come_from why_access
sign_in: sign_on sign_in login log_in signin signing_in logon log_on signs_in
search: search find filter query look_for ~show ~which seek locate ~who ~get ~any everyone everybody
search: were_created were_added
lookup: when_was was_created
search user: who_reports ~reports_to who_works people_with users_with employees_with users_whose people_whose
search user: who_joined everyone_who anyone_who people_who users_who all_users
lookup: lookup pull_up look_up view show get ~read info details detail whois who_is see display inspect describe ~open
lookup: information ~find ~check tell_about what_do_we_know fetch retrieve ~status ~search ~state
lookup user: last_login last_log_in last_sign_in whois who_is status_of person_details account_status user_info
lookup user: ~last_login
list: list ~show show_all enumerate all ~get ~which ~view ~see ~display ~who ~fetch ~what ~search ~report
count: count how_many number_of headcount total amount
export: export csv download spreadsheet excel dump extract
undo: undo revert roll_back rollback reverse take_back back_out undoing cancel ~restore put_back go_back
undo change: revert_change my_mistake by_mistake oops last_change wrong_person undo_that mistake wrongly
change: changes ~journal recorded done_here ~change ~activity ~audit ~audit_trail ~log ~actions
list change: what_has_been_done what_has_changed what_was_changed what_changed recent_changes
list change: change_history change_log changelog what_did what_was_done
list change: history what_has_been_done ~who_did ~what_happened ~audit_trail
device: device laptop phone_device computer mobile_device handset mac iphone android notebook workstation
rule: rule
group rule: group_rule dynamic_group dynamic_membership automatic_membership auto_assign automatic_group
policy: policy sign_on_policy conditional_access
zone: zone network_zone
block address: block_ip ban_ip blacklist blocklist ip_block block_an_ip block_address
unblock address: unblock_ip allowlist whitelist allow_ip unban_ip
address: ip ip_address cidr
risk: risk risk_level
token: token api_token api_key
key: key
grant: oauth_grant consent oauth_consent grants
revoke: revoke invalidate withdraw
owner: owner
schema: schema custom_attribute user_schema attribute_definition
batch: batch bulk mass many_at_once bulk_job
verify: verify confirm prove_identity identity_check push_challenge send_push push
explain: explain why diagnose troubleshoot debug reason
preview: preview what_would dry_run simulate would_be_added would_join would_be_put who_would
resend: resend send_again send_once_more
resend activation: activation_mail activation_email activation_link welcome_mail welcome_email resend_invitation
resend activation: invitation invitation_mail activation_mail_again
activation: activation
simulate: simulate what_if test_policy
onboard user: onboard onboarding new_hire_process
offboard user: offboard offboarding leaver_process exit_process
copy user access: clone_user copy_access same_access same_groups same_access_as copy_groups mirror_access
copy user access: same_groups_as
contain user: contain compromised hacked account_takeover incident_response phished compromised_account
review access: review recertify attestation still_needs still_need who_still_needs recertification
review group: review_group ~recertify_group
certification: certification certify access_review recertification campaign governance
summarize: summarize summarise summary overview statistics stats
operation: operation endpoint raw_request api_call rest
brand: brand branding logo theme sign_in_page custom_page color look_and_feel
domain: domain custom_domain custom_url vanity_url
template: template email_template sms_template
hook: hook webhook event_hook inline_hook
agent: agent ad_agent ldap_agent radius_agent connector
directory: directory active_directory ad ldap
workflow: workflow automation okta_workflows flow automate
server: ~server authorization_server
scope: scope claim claims
saml: saml oidc metadata certificate signing_certificate x509
scim: scim provisioning provision_to
identity_provider: identity_provider idp federation social_login
trust: trust trusted_origin cors
threat: threat threatinsight threat_insight
import: import importing hr_import workday
realm: realm
feature: feature early_access beta_feature
support: support support_access okta_support
linked: linked linked_object
type: type user_type
report: report reports
notification: notification notify
mapping: mapping attribute_mapping profile_mapping
push: push_group group_push
authenticator: authenticator_settings
recovery: recovery security_question
schema user: ~user_attributes list_user_attributes list_attributes get_attributes
schema user: list_of_attributes profile_fields attributes_exist allowed_values which_attributes
segment: segment next_part export_part part_of_the_export chunk
user: intern nurse consultant freelancer student vendor trainee apprentice accountant salesperson lady workforce
user: ~identity ~man ~woman ~boss ~everybody newcomer rehire leaver nobody
user: developer engineer_person technician
group: department_group mailing_group
lookup: ~active ~inactive ~staged ~pending
count: headcount count how_many number_of how_much
summarize: ~resume
summarize: breakdown top trend busiest most_common per_day per_hour by_country by_hour
export: file spreadsheet xls xlsx save_as save_to print_out jsonl
segment: next_part second_part third_part next_chunk next_page rest_of continue remaining remainder ~part ~next ~rest
segment export: file_you_exported exported_file the_file_you exported_list you_just_exported
session: everywhere all_devices every_device ~logins browser
clear: kill end close terminate force_out
clear session: force_sign_out force_logout
expire: next_login next_sign_in next_logon next_time must_change must_be_changed has_to_change force ~oblige
reset: forget forgot forgotten remember ~lost ~recover
reset factor: lost_phone stolen_phone broken_phone
factor: ~phone ~cell sms second_step verification push_app
factor: mfa_methods authentication_method sign_in_method
unlock: attempts tries wrong_password too_often mistyped
suspend: maternity_leave medical_leave leave_of_absence a_few_days ~temporary
unsuspend: back_from returned_from lift_hold ~returns
activate: go_live staged live
delete: permanently forever irrevocably ~for_good ~completely ~gdpr
resend activation: never_got_mail never_received didn_t_get did_not_get not_receive never_arrived t_receive got_lost
resend: ~again ~resent ~once_more
activation: welcome invite invitation activation_link
verify: identity caller impersonat impostor on_the_phone on_the_line claims_to_be really_is
remove group: take_out_of drop_from
lookup group: what_is_group purpose
owner: owns own responsible in_charge
review: stale quarterly still_be_in should_still ~audit
search: do_we_have is_there are_there starts_with start_with begins_with contains contain ~named ~called exist
search: ~hired ~located
rule: automatic automatically auto
preview: if_we would were_to before_turning before_switching before_activating would_happen ~test
application: dashboard ~tool service_provider
assign: ~licence ~licences ~seat
assign application: hook_up needs_app roll_out rollout rolled_out hand_out handed_out
unassign: lose_access loses_access lose no_longer_get no_longer_gets pull_from
unassign: ~pull take_away
whole: ~whole ~completely ~entire ~entirely ~everything ~each ~fully ~scratch
administrator: privileged elevated power_user
explain sign_in: access_denied keeps_failing can_t_access cannot_access won_t_let get_in not_let_in t_log_in
explain: unable cause reason problem trouble issue denied ~wrong ~fail
log: ~fail failed failure suspicious attempt ~yesterday last_night ~sign_ins ~logins
search log: login_from logged_in_from sign_in_from which_ip
explain access: how_did how_come end_up ended_up come_from comes_from where_did through_which
change: with_this_tool with_this_assistant this_server through_this we_changed you_did did_you have_you have_we ~here
undo: wrong_one go_back put_back cancel_that take_that_back last_thing just_did
schema: ~field ~attribute which_fields what_fields which_attributes what_attributes custom_field custom_attribute
update: set_to
grant: oauth act_on_behalf behalf on_behalf third_party act_in_name
enroll: ~registered
enroll: enrol enroll enrollment enrolment
factor: ~enrol ~enroll ~enrolled ~enrollment
read: read ~open ~continue
delete: no_longer_needed not_needed nobody_uses unused obsolete no_longer_used
suspend: put_on_hold
lookup count member group: how_many_members number_of_members how_many_people_in_group
change: assistant
lookup user: ~record
lookup: what_does_do
count: total tally how_large how_big how_often amount
user: ex_employee subordinate direct_report report_to ~licensed ~son
search user: works works_in ~located ~spelling
search: in_the_name in_its_name like spelling
lookup user: last_seen last_active last_logged_in
profile: employee_number birthday address street zip pronoun email_address mail_address e_mail_address job_role
update: instead typo adjust ~wrong misspelled ~should_be shift
update profile: wedding maiden is_now_called relocated
deactivate user: got_fired let_go quits contract_ends ends_contract leave_the_company exit walks
deactivate: cut cut_off lock_out_for_good close_down
resend: ~expired ~no_longer_works
activation: registration sign_up_link set_up_link finish_registration complete_registration
suspend: block for_the_moment until for_the_time_being time_out ~meantime
unlock: lockout locked locked_account pin
password: pin
session: computer browser ~machine
clear: invalidate boot cut_off revoke log_him_off drop_session
remove: boot yank chuck pluck evict ~deprovision
add: throw_in throw_into get_onto get_into chuck_in drop_into drop_in slot_in onto
expire: pick_another
factor: method text_message two_step verification_method phone_factor token_device
reset whole factor: start_mfa_over new_phone start_over re_enroll set_up_again
delete: dissolve dismantle ~bin trash scrap shred expunge
owner: maintain look_after maintainer steward accountable
list: inherit
lookup: ~criteria ~condition ~configured ~setting set_up_in_our
preview: effect impact what_happens_if ~consequence hypothetical
assign application: make_available want wants
assign: make_available ~want
explain: error reject refuse ~message
sign_in: logging_in log_in_to enter
explain sign_in: keeps_rejecting
search log: by_whom trace
log: brute_force attack logins sign_ins trail happened
summarize: ~most top_ten chart figure distribution
segment: more_rows more_of ~more
list change: you_modify you_changed so_far you_altered
undo: didn_t_want not_what_i_wanted restore_the_old
grant: authorise authorize authorization ~allow
user: anybody
verify: really_is really_the confirm_identity
review: certify recertify attest recertification
enroll: register_factor
remove: delete_from erase_from
delete: delete_from_okta remove_from_okta delete_from_the_org erase_from_okta
lookup: ~aktiv ~actif ~activo ~activos ~inactivo ~inactivos ~inactif ~inaktiv
remove: pull_out pull_out_of move_out get_out_of
assign: give donner donne donnez dar dale gib
add: ~donner ~donne ~dar ~dale ~gib
remove: unenroll unenrol
user: guest visitor agency_worker ~auditor ~auditors ~supplier ~partner
count: size ~volume
search user: managed_by report_to works_for joined_last
create: register record_new
create user: brand_new_person external_auditor
update: fill_in enter_in ~enter put_down ~set
profile: display_name property middle_name
lookup user: know_about everything_about
activation: set_up_mail setup_mail set_up_email setup_email
suspend: on_ice stop_from_getting_in stop_from keep_from_getting_in sideline bench
unlock: release let_back
explain sign_in: stuck login_page stuck_at sign_in_page_error login_denied
explain access: who_gave
expire: set_another
reset: reinstate_password
factor: unlink_phone second_factors security_keys
list member group: consist_of made_up_of comprise
assign application: set_up_with requires_access require require_access
assign: requires require
list change: your_actions your_recent_actions your_changes as_tu tu_as as_tu_modifie you_have_done
sign_in: sign_on_method
lookup application: sign_on_method
remove: off_the_team is_off
remove group: revoke_membership end_membership
user role: roles_assigned
administrator: administer
grant: permission_to gave_permission oauth_permission
verify: authenticate_caller authenticate_the_caller
undo: undo_that revert_that
segment export: page_of_export page_of_the_export part_of_export
unsuspend: let_back_into
unlock: let_back_into
lookup: look_at look_into ~look
update profile: new_phone_number new_mobile_number new_number new_address new_email new_email_address
search log: what_did_do what_has_done what_happened_to
list change: what_did_you_do what_have_you_done what_did_we_do
add: added
search user: last_name first_name
"""

NEGATIONS = "not no never t n nicht kein keine keinen nie ne pas jamais sin nunca without ohne sans"
"""Words of all languages that turn what is said around: none stands inside a phrase without being part of it."""
INSIDE = "everyone everything somebody someone account user person compte konto kontos cuenta"
"""Words that may stand inside a phrase, beside those that say nothing: `shut everything down`."""

RELATED = """
list: search 0.8 lookup 0.4 count 0.3
search: list 0.9 lookup 0.4
lookup: search 0.4 list 0.4
add: assign 0.5 create 0.4
assign: add 0.4
remove: unassign 0.6 delete 0.4
unassign: remove 0.5
delete: remove 0.5 deactivate 0.3
create: add 0.4
deactivate: suspend 0.4 delete 0.3
suspend: deactivate 0.4
activate: unsuspend 0.4
unsuspend: activate 0.4 unlock 0.3
unlock: unsuspend 0.3
revoke: unassign 0.5 remove 0.4
clear: revoke 0.4
activation: activate 0.7
member: user 0.5
user: member 0.4
profile: schema 0.3
sign_in: log 0.45 session 0.35
administrator: role 0.6
role: administrator 0.5
"""
"""What else somebody may want who says one thing, in any language, and how likely that is."""

STOP = """
a an the this that these those it its itself is are was were be been being am do does did doing done have has had
having
i me my mine myself we us our ours you your yours he she him her his hers they them their theirs
to from of in into on onto at by for with without within about as and or but if then than so too very also only just
not no nor
please pls kindly can could would should shall will may might must need needs want wants wanted like let lets
hey hi hello dear thanks thank thx ok okay now today tomorrow yesterday soon asap urgent urgently immediately again
still
there here what which who whom whose when where how why all any some each every both more most other another such same
up out off down over under via per s t d ll re ve m doesn don isn aren wasn couldn wouldn won shouldn hasn haven didn
okta org organisation organization tenant sir madam mr mrs ms miss lately quickly quick currently anymore
longer really actually already yet
one two three times once ever never because since until while after before between during
got get gets getting gotten going goes go went come comes came coming tell told know make sure able think
one's thing things stuff something someone's way time day days week month year morning evening monday friday
give gives given take takes taken use uses used using work works working worked because bring bringing back company
firm business last hour hours minute minutes recent recently ago morning weekend
since say says said help helps
id ids api call tool function action actions perform execute run
project office site branch plant investigate investigation investigating link box case ticket request place meantime
everything anything nothing everywhere shop there's here's whole entire exactly actual properly simply
yes currently former previous old newly former latest according among between against else whether
see seem seems appear appears happen happened happens start starts started using via regarding concerning
guys team's first own someone's january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter hours minutes night
around away back better good new-ish without only single solely right left mine's
should've would've that's it's who's what's he's she's they're i'm we're i'd we'd
yesterday
london berlin paris madrid tokyo europe asia america usa germany france spain japan uk
"""

INTO = "in into from"
QUESTIONS = "is are was were does did has have do how when where why whom whose since"
OF = "of in for assigned with inside within from through has have"
WHEN = "when who"
ABOUT = "this that who with in which whose assigned given used"
ARTICLES = "the a an this that these those my our your all any"
ENDED = "no_longer any_more not_anymore stop_giving shouldn_t should_not must_not needn_t is_through is_done"
TO_ME = "me us"
ONE = "is s does did"
WHETHER = "is are was has"
REQUESTS = "can could would will please pls kindly"
WHO = "who whoever everyone everybody"
WHICH_ASKED = "which what"
WHICH_SHOWN = "list show all every any display enumerate"

PRODUCTS = """
salesforce slack zoom jira confluence github gitlab bitbucket workday box dropbox figma notion zendesk servicenow sap
tableau docusign concur adobe office365 o365 microsoft365 outlook sharepoint gmail gsuite aws azure gcp miro asana
trello hubspot netsuite datadog splunk snowflake atlassian zscaler bamboohr personio datev expensify coupa ariba
greenhouse lattice lucidchart freshdesk intercom mailchimp marketo monday smartsheet airtable pagerduty opsgenie
newrelic sentry jenkins databricks looker powerbi dynamics quickbooks xero stripe shopify wordpress webex gotomeeting
1password lastpass bitwarden canva grammarly loom clickup egnyte jamf kandji intune citrix successfactors oracle
peoplesoft adp paycom gusto rippling deel docebo cornerstone linkedin twilio sendgrid postman vercel
"""
"""Applications that many organizations have, as they are written with a capital."""
