"""The part of Okta's catalogue of apps (the Okta Integration Network) that an org must know of.

Shapes: `targets/catalog/apps` in TestAccResourceOktaGroupAdminRole_crud and in oktakit's
list_app_targets_for_app_admin_role.
"""

from typing import Any

_APPS = {
    # Name: what people call it, category, website, and how people sign in to it.
    "amazon_aws": ("AWS Account Federation", "INFRASTRUCTURE", "https://aws.amazon.com/", "SAML_2_0"),
    "aws_console": ("AWS Console", "INFRASTRUCTURE", "https://aws.amazon.com/", "BROWSER_PLUGIN"),
    "atlassian_cloud": ("Atlassian Cloud", "COLLABORATION", "https://www.atlassian.com/", "SAML_2_0"),
    "bookmark": ("Bookmark App", "OKTA_APPLICATIONS", "", "BOOKMARK"),
    "boxnet": ("Box", "CM", "https://www.box.com", "SAML_2_0"),
    "docusign": ("DocuSign", "CM", "https://www.docusign.com/", "SAML_2_0"),
    "dropbox_for_business": ("Dropbox Business", "CM", "https://www.dropbox.com/", "SAML_2_0"),
    "facebook": ("Facebook", "SOCIAL", "https://www.facebook.com/", "BROWSER_PLUGIN"),
    "github_enterprise": ("GitHub Enterprise Cloud", "DEVELOPER", "https://github.com/", "SAML_2_0"),
    "google": ("Google Workspace", "COLLABORATION", "https://workspace.google.com/", "SAML_2_0"),
    "googleappsadmin": ("Google Apps Admin", "COLLABORATION", "https://admin.google.com/", "BROWSER_PLUGIN"),
    "jira_onprem": ("Jira On-Premise", "PROJECT", "https://www.atlassian.com/", "SAML_2_0"),
    "office365": ("Microsoft Office 365", "COLLABORATION", "https://www.office.com/", "WS_FEDERATION"),
    "oidc_client": ("OpenID Connect Client", "OKTA_APPLICATIONS", "", "OPENID_CONNECT"),
    "salesforce": ("Salesforce.com", "CRM", "http://www.salesforce.com", "SAML_2_0"),
    "servicenow_ud": ("ServiceNow UD", "IT", "https://www.servicenow.com/", "SAML_2_0"),
    "slack": ("Slack", "COLLABORATION", "https://slack.com/", "SAML_2_0"),
    "template_basic_auth": ("Template Basic Auth App", "OKTA_APPLICATIONS", "", "BASIC_AUTH"),
    "template_saml_2_0": ("Template SAML 2.0 App", "OKTA_APPLICATIONS", "", "SAML_2_0"),
    "template_swa": ("Template App", "OKTA_APPLICATIONS", "", "BROWSER_PLUGIN"),
    "twitter": ("X", "SOCIAL", "https://x.com/", "BROWSER_PLUGIN"),
    "workday": ("Workday", "HR", "https://www.workday.com/", "SAML_2_0"),
    "zendesk": ("Zendesk", "CRM", "https://www.zendesk.com/", "SAML_2_0"),
    "zoomus": ("Zoom", "COLLABORATION", "https://zoom.us/", "SAML_2_0"),
}


def known(name: str) -> bool:
    return name in _APPS


def sign_on_mode(name: str) -> str:
    """How people sign in to an instance of a known app."""
    return _APPS[name][3]


def render(base: str, name: str) -> dict[str, Any]:
    shown, category, website, sign_on = _APPS[name]
    logo = {"name": "medium", "href": f"{base}/assets/img/logos/{name}.png", "type": "image/png"}
    return {
        "name": name,
        "displayName": shown,
        "description": shown,
        "status": "ACTIVE",
        "lastUpdated": "2021-03-18T17:37:56.000Z",
        "category": category,
        "verificationStatus": "OKTA_VERIFIED",
        "website": website,
        "signOnModes": [sign_on],
        "features": [],
        "_links": {"logo": [logo], "self": {"href": f"{base}/api/v1/catalog/apps/{name}"}},
    }
