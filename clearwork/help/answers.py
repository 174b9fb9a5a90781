"""The topics of Help, in the order they are shown."""

from __future__ import annotations

from clearwork.help.answers_results import ABOUT_RESULTS
from clearwork.help.topics import Link, Section, Topic

_REQUEST = Link("Request portal access", "accounts:request_access")
_RESET = Link("Reset my password", "account_reset_password")
_CONTACTS = Link("Contacts and portal users", "access:list", "contact:read_all")
_AUTHORIZATIONS = Link("Authorizations", "authorizations:list", "authorization:read_own")
_SUPPORT = "Customer support: {support_phone}, {support_hours}."

_GETTING_IN = (
    Topic(
        "what",
        Section.ACCESS,
        "What is this portal, and what can I do here?",
        (
            (
                "It is where companies that have an account with {network_name} order care for "
                "their employees and read the results, at any hour, on a computer or a "
                "phone."
            ),
            (
                "You can authorize services for a medical center, for telemedicine and for "
                "telerehabilitation; send an authorization to the center and to the employee; "
                "extend one that has expired; order for many people at once; read and download "
                "results and reports of injury and non-injury visits; see who may work and with "
                "which restrictions; keep an eye on drivers' DOT cards; and, as an Admin User, "
                "keep your company's information, users and report subscriptions up to date."
            ),
        ),
        is_public=True,
        also="features overview telemed start",
    ),
    Topic(
        "become",
        Section.ACCESS,
        "How do I become a user?",
        (
            (
                "Your company needs an account with us. If a colleague is an Admin User already,"
                " ask them: they can invite you in a minute."
            ),
            (
                "Otherwise request access here. Think first about which information you need, and "
                "whether you will manage other people's access. Support checks the request and, "
                "once approved, emails you a link to set your password."
            ),
        ),
        (_REQUEST,),
        is_public=True,
        also="register sign up new account create",
    ),
    Topic(
        "have-account",
        Section.ACCESS,
        "My company has an account, but nobody uses the portal. How do we begin?",
        (
            "Request access with your account number, which is on your invoices, or call us."
            " " + _SUPPORT,
        ),
        (_REQUEST,),
        is_public=True,
        also="existing customer account representative account manager first admin",
    ),
    Topic(
        "which-role",
        Section.ACCESS,
        "Should someone be an Admin User or a View Only User?",
        (
            (
                "It depends on what they need to do. Admin Users see every authorization, visit "
                "and result, turn other people's access on and off, decide what they see, and "
                "change company information. Every company has at least one."
            ),
            (
                "View Only Users create authorizations and see those they created themselves. "
                "They see visits and results only where an Admin User has granted it, and cannot"
                " change company information or anyone's access."
            ),
        ),
        is_public=True,
        also="role permission rights administrator",
    ),
    Topic(
        "forgot",
        Section.SIGN_IN,
        "I forgot my password or user name.",
        (
            "Your user name is always your work email address.",
            (
                "Choose Forgot password on the sign-in page and type that address. You get an "
                "email with a link; look in your spam folder, too. Nothing there? Then the "
                "address is not one that signs in here: ask your Admin User, or call support."
            ),
        ),
        (_RESET,),
        is_public=True,
        also="reset username login locked out",
    ),
    Topic(
        "second-factor",
        Section.SIGN_IN,
        "I lost my phone, passkey or recovery codes.",
        ("Call support. They make sure it is you and let you set up a new one. " + _SUPPORT,),
        is_public=True,
        also="second factor authenticator two-factor mfa code",
    ),
    Topic(
        "email-change",
        Section.SIGN_IN,
        "My email address is changing.",
        (
            (
                "Change it yourself while the old mailbox still works: both addresses confirm by"
                " a link. If the old one is gone already, call support."
            ),
        ),
        (Link("Sign-in and security", "mfa_index"),),
        also="email new address marriage domain",
    ),
)
_WHO_SEES_WHAT = (
    Topic(
        "who-has-access",
        Section.PEOPLE,
        "Where do I see who our Admin Users and View Only Users are?",
        (
            (
                "Under Account Information, Contacts: each contact is shown with their portal "
                "role, and each contact's page says what they may see and since when. View Only "
                "Users find their own under My account, and ask an Admin User for the rest."
            ),
        ),
        (_CONTACTS,),
        also="list users",
    ),
    Topic(
        "keep-current",
        Section.PEOPLE,
        "Who keeps our contacts and users up to date?",
        (
            (
                "Your Admin Users. Only those should have access who need to see employees' "
                "health information. Every quarter the portal asks Admin Users to confirm each "
                "person."
            ),
        ),
        (Link("Review access", "access:review", "access:review"), _CONTACTS),
        also="responsibility review quarter",
    ),
    Topic(
        "somebody-left",
        Section.PEOPLE,
        "Somebody has left the company or no longer needs access. What now?",
        (
            (
                "An Admin User turns their access off on the contact's page: they are signed out"
                " everywhere at once, and links sent to them stop working. Do it the same day. "
                "If no Admin User can, call support at once: {support_phone}."
            ),
        ),
        (_CONTACTS,),
        also="terminated fired offboarding remove user",
    ),
    Topic(
        "grant",
        Section.PEOPLE,
        "How does a View Only User get to see visits and results?",
        (
            (
                "An Admin User grants it on the contact's page: injury visits, non-injury visits"
                " or both, at all worksites or at some, everything or work status and "
                "restrictions alone. See as this person shows what the grant means."
            ),
        ),
        (_CONTACTS,),
        also="permission patient visit activity turn on",
    ),
    Topic(
        "company-information",
        Section.PEOPLE,
        "How do we change our addresses, phone numbers and worksites?",
        ("An Admin User changes them under Account Information.",),
        (Link("Account Information", "company:home", "company:read"),),
        also="company demographic billing location",
    ),
)
_AUTHORIZING = (
    Topic(
        "services",
        Section.AUTHORIZING,
        "What can I authorize?",
        (
            (
                "Occupational health services in a medical center, telemedicine at a center, and"
                " the centralized Telemed and Telerehab services. The form shows what the center"
                " you choose offers."
            ),
        ),
        (Link("Medical centers", "centers:list", "center:read"),),
        also="treatment physical drug screen injury care",
    ),
    Topic(
        "authorize",
        Section.AUTHORIZING,
        "How do I authorize care?",
        (
            (
                "Press New authorization. Choose the employee and their worksite, the reason, "
                "the services and the medical center or the kind of telemedicine, then Submit."
            ),
            (
                "The order goes to the center electronically; its page shows who has it and "
                "since when. You can also send it to the employee as a pass and to colleagues "
                "who need it. Do so sparingly: an authorization holds information that privacy law "
                "protects."
            ),
        ),
        (Link("New authorization", "authorizations:new", "authorization:create"),),
        also="create order submit send",
    ),
    Topic(
        "extend",
        Section.AUTHORIZING,
        "An authorization has expired, or must be changed or cancelled.",
        (
            (
                "Open it. Extend gives it a later last day, also after it has expired. Edit "
                "works until the center has accepted it. Cancel tells the center. Once the "
                "employee is there, call the center."
            ),
        ),
        (_AUTHORIZATIONS,),
        also="renew prolong correct mistake",
    ),
    Topic(
        "many",
        Section.AUTHORIZING,
        "How do I authorize care for many people at once?",
        (
            (
                "Use an authorization as a template for a list of people: choose them,"
                " paste them, or upload a spreadsheet. Every row is checked before anything is "
                "sent."
            ),
            "Afterwards download all of them as one PDF or a ZIP file, there or from the list.",
        ),
        (Link("Authorize many", "bulk:new", "authorization:create"),),
        also="bulk batch template onboarding duplicate",
    ),
    Topic(
        "telemedicine",
        Section.AUTHORIZING,
        "I authorized telemedicine. What does the employee do?",
        (
            (
                "The pass they get by email explains it step by step. For a minor work injury they "
                "use the Telemed app{telemed_app_words} or its website{telemed_website_words}. "
                "For telemedicine with a medical center they call that center for an "
                "appointment."
            ),
            "Results of telemedicine arrive here like those of any visit.",
        ),
        also="telemed app video virtual telerehab instructions",
    ),
)
_ASKING = (
    Topic(
        "support",
        Section.CONTACT,
        "When do I call customer support?",
        (
            "For the portal itself: you cannot get in or find your way, somebody has to lose "
            "access at once, an email address changes, you want another type of report, or to "
            "stop or start emails about new results. " + _SUPPORT,
        ),
        (Link("Emails about new results", "company:notifications", "settings:own"),),
        is_public=True,
        also="phone help trouble contact notifications",
    ),
    Topic(
        "center",
        Section.CONTACT,
        "When do I ask the medical center or our account manager?",
        (
            (
                "The medical center that saw the employee: results are missing or incomplete, or"
                " you have a question about what was done. Who to contact on the page of an "
                "authorization or report shows that center's phone and hours."
            ),
            (
                "Your account manager: services to be added to your account or taken off it, "
                "prices, contracts.{account_words}"
            ),
        ),
        (Link("Medical centers", "centers:list", "center:read"),),
        also="clinic phone hours services add remove",
    ),
)
TOPICS = (*_GETTING_IN, *_WHO_SEES_WHAT, *_AUTHORIZING, *ABOUT_RESULTS, *_ASKING)
