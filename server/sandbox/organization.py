"""What an org says about itself."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from server.sandbox.endpoints import ApiCall, Endpoint, ok
from server.sandbox.org import Org


def get_org(call: ApiCall) -> Response:
    made = call.org.fact("created", call.org.now)
    return ok(
        {
            "id": call.org.id,
            "subdomain": "sandbox",
            "companyName": "Okta Actions Sandbox",
            "website": None,
            "phoneNumber": None,
            "endUserSupportHelpURL": None,
            "supportPhoneNumber": None,
            "address1": None,
            "address2": None,
            "city": None,
            "state": None,
            "country": None,
            "postalCode": None,
            "status": "ACTIVE",
            "created": made,
            "lastUpdated": made,
            "expiresAt": None,
            "_links": {
                "preferences": {"href": f"{call.base}/api/v1/org/preferences"},
                "organization": {"href": call.base},
            },
        }
    )


async def well_known(request: Request) -> Response:
    org: Org = request.app.state.org
    with org.database.transaction():
        id = org.id
    return JSONResponse(
        {
            "id": id,
            "cell": "sandbox",
            "_links": {"organization": {"href": str(request.base_url).rstrip("/")}},
            "pipeline": "idx",
            "settings": {
                "analyticsCollectionEnabled": False,
                "bugReportingEnabled": False,
                "omEnabled": False,
                "pssoEnabled": False,
                "desktopMFAEnabled": False,
                "itpEnabled": False,
                "op4wEnabled": False,
            },
        }
    )


ENDPOINTS = [Endpoint("GET", "/api/v1/org", get_org, "okta.orgs.read")]
ROUTES = [Route("/.well-known/okta-organization", well_known)]
