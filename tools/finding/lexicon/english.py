"""English as administrators and the people they work for speak it."""

TABLE = """
user: user person people human employee staff worker colleague account identity somebody someone guy everyone
user: everybody
user: coworker contractor folks principal individual ~member ~he ~she ~him ~her ~them ~they ~his ~hers
user: anybody anyone teammate ~personnel
group: group team ~squad ~distribution ~dl crew
group: security_group ~department ~distribution_list ~mailing_list
member: member membership ~belong roster participant ~part_of
list user group: ~belong ~part_of which_groups_does what_groups_does which_groups_is what_groups_is
list member group: roster who_is_in who_s_in who_are_in ~people_in ~users_in ~everyone_in ~everybody_in who_belongs
list member group: users_of_group people_of_group ~headcount
list user group: groups_of groups_does groups_is groups_are teams_does teams_is teams_are
list group: show_groups show_teams
list user: show_users show_people show_employees
list application: show_apps show_applications
list user group: ~what_groups ~which_groups ~what_teams ~which_teams
list group: what_groups which_groups what_teams which_teams
list group member: everybody_in_team everyone_in_team everybody_in_group everyone_in_group ~people_in_team
list group member: ~people_in_group
list application user: ~who_has who_uses users_of_app users_of_application people_with_app users_with_app app_users
list application user: users_assigned people_assigned users_of_an_app users_of_an_application application_users
list application group: groups_assigned_to_app groups_assigned_to_application groups_that_have_app groups_have_app
list application group: groups_assigned groups_of_app groups_of_application which_groups_give groups_with_app app_groups
list user application: apps_does what_apps which_apps which_applications what_applications apps_of applications_of
list user application: apps_for user_apps
add: add_to put_in add join put insert include enroll_in grant ~give ~append ~attach ~let_into ~place ~make ~move
add group: make_member to_be_in should_be_in needs_to_be_in give_group should_be_in should_be_member be_member_of
add group: become_member should_be_part become_part add_into stick_into join_to put_into ~add_to ~put_in ~throw_in
add group: ~move_to ~move_into ~move_over_to
remove: remove_from remove take_out take_off kick kick_out drop pull leave throw_out ~revoke ~eject ~detach
remove: ~exclude get_out_of
remove: ~take_away ~strip ~rid kick_from take_from takes_off ~move_out_of ~delete
remove group: not_be_in no_longer_in no_longer_member no_longer_be_in shouldn_t_be_in not_be_member t_be_member
remove group: t_be_in kick_out_of throw_out_of ~pull_from take_off_the_list
create: create new make provision hire build ~add ~register ~set_up ~setup generate ~invite ~open spin_up ~start
create: ~insert
undo change: reverse_what undo_what revert_what
create user: hired into_the_system hire joiner newcomer new_hire new_starter starts_on_monday starts_monday
create user: joins_us new_employee new_person
create user: new_user new_account ~onboard new_joiner starter sign_up ~register first_day new_colleague provision
update: update change edit modify set alter correct fix rename adjust amend replace patch ~move ~switch ~write
update: ~promote ~different
update profile: surname married change_name new_surname promoted promotion job_title cost_center moved_to moves_to
update profile: phone_number mobile_number new_manager reports_to new_title moved_department transferred transfer
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
factor: factor mfa 2fa authenticator otp totp yubikey fido webauthn passkey enrol enroll enrollment second_factor
factor: multifactor multi_factor okta_verify two_factor google_authenticator security_key verification_code biometric
reset factor: lost_phone new_phone_mfa lost_her_phone lost_his_phone reset_mfa lost_yubikey
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
assign: assign assignment entitle ~give ~grant ~provision ~add license ~allow ~let ~access
assign user application: give_app able_to_use should_use let_use access_to give_access grant_access needs_access
assign group application: give_team_app give_group_app app_to_group app_to_team application_to_group team_should_get
assign user application: give_license get_access let_use give_application give_access_to_app should_get_app
assign user application: entitlement license seat
unassign: unassign deassign remove_assignment ~revoke ~remove ~withdraw ~take_away
unassign user application: revoke_app revoke_application revoke_access remove_access take_away_access
unassign user application: no_longer_needs ~revoke_license cancel_license
unassign user application: t_have_app not_have_app not_use no_longer_use stop_using no_longer_have remove_app
unassign user application: revoke_license free_up_license withdraw_access take_the_app take_away_app
role: role privilege permission ~right admin_role entitlement
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
search: search find filter query look_for ~show ~all ~every ~which seek locate ~who ~get ~any everyone everybody
search: were_created were_added
lookup: when_was was_created
search user: who_works everyone_in everybody_in people_with users_with employees_with users_whose people_whose
search user: who_joined everyone_who anyone_who people_who users_who all_users
lookup: lookup pull_up look_up view show get read info details detail whois who_is see display inspect describe open
lookup: information ~find ~check tell_about what_do_we_know fetch retrieve ~status ~search ~state
lookup user: last_login last_log_in last_sign_in whois who_is status_of person_details account_status user_info
lookup user: ~last_login
list: list ~show show_all enumerate all ~get ~which ~view ~see ~display ~who ~fetch ~what ~search ~report
count: count how_many number_of headcount total amount
export: export csv download spreadsheet excel dump extract
undo: undo revert roll_back rollback reverse take_back back_out undoing cancel ~restore put_back go_back
undo change: revert_change my_mistake by_mistake oops last_change wrong_person undo_that mistake wrongly
change: changes journal recorded done_here ~change ~activity ~audit ~audit_trail ~log ~actions
list change: what_has_been_done what_has_changed what_was_changed who_changed what_changed recent_changes
list change: change_history change_log changelog what_did what_was_done
list change: history what_has_been_done who_did who_added who_removed who_suspended what_happened ~audit_trail
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
server: server authorization_server
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
"""

NEGATIONS = "not no never t n nicht kein keine keinen nie ne pas jamais sin nunca without ohne sans"
"""Words of all languages that turn what is said around: none stands inside a phrase without being part of it."""
INSIDE = "everyone everything somebody someone account user person"
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
okta org organisation organization tenant sir madam mr mrs ms miss lately record quickly quick currently anymore
longer really actually already yet
one two three once ever never because since until while after before between during
got get gets getting gotten going goes go went come comes came coming tell told know make sure able think
one's thing things stuff something someone's way time day days week month year morning evening monday friday
give gives given take takes taken use uses used using work works working worked because bring bringing back company
firm business last hour hours minute minutes recent recently ago morning weekend
since say says said help helps
id ids api call tool function action actions perform execute run
"""
