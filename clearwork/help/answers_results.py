"""The topics of Help about results and privacy."""

from __future__ import annotations

from clearwork.help.topics import Link, Section, Topic

_RESULTS = Link("Results and Reports", "results:list", "result:read")

ABOUT_RESULTS = (
    Topic(
        "find",
        Section.RESULTS,
        "How do I find a result?",
        (
            (
                "Under Results and Reports. Search by the employee's first and last name in any "
                "order, by date of birth, state, medical center, injury or non-injury visit, "
                "type of report, worksite and dates, in any combination; keep a search you use "
                "often."
            ),
        ),
        (_RESULTS,),
        also="search filter",
    ),
    Topic(
        "types",
        Section.RESULTS,
        "Which results and reports are there?",
        (
            (
                "Of injury visits: activity status report, first notice of injury, patient "
                "referral, recheck appointment reminder, state injury reports, custody and "
                "control form, alcohol testing form, and the link to a drug screen result."
            ),
            (
                "Of other visits: your own forms, activity status report, MEC DOT card and MER "
                "long form, pre-placement physicals, audiograms, human performance evaluations, "
                "respirator clearance, fit tests, medical surveillance opinion letters, tests "
                "and labs, vaccinations, and other physicals and ancillary services."
            ),
            "Which of them a person receives, Admin Users decide by report type and worksite.",
        ),
        (Link("Who receives what", "company:reports", "subscription:read"),),
        also="list report subscriptions fnoi hpe",
    ),
    Topic(
        "drug-screen",
        Section.RESULTS,
        "Where are drug screen results?",
        (
            (
                "They are reported by the laboratory's own portal. You find its link on the "
                "sign-in page and, where a result was reported, in Results and Reports."
            ),
            (
                "An Admin User names the portals your company uses under Account Information: "
                "they then stand beside the results, and on the authorization of a drug test."
            ),
        ),
        (_RESULTS,),
        is_public=True,
        also="drug test laboratory pass fail",
    ),
    Topic(
        "more",
        Section.RESULTS,
        "We need more than the report shows.",
        (
            (
                "Reports hold the minimum necessary. To receive more, such as the MER long form,"
                " an Admin User documents the need: choose the contact and the type of report, "
                "and upload the signed request. Support decides. Without that, such a report is "
                "listed, but cannot be opened."
            ),
        ),
        (Link("Release requests", "company:releases", "subscription:edit"),),
        also="minimum necessary documented request long form release",
    ),
    Topic(
        "missing",
        Section.RESULTS,
        "I did not receive a result I expected.",
        (
            (
                "Results of non-injury services come within 72 hours, depending on the service; "
                "an injury work status comes when the employee checks out. The authorization's "
                "page says who has the case now and whether it is late. Under Notifications you "
                "can choose an email when a report is late."
            ),
            (
                "Late? Call the medical center: Who to contact on the authorization's page has the "
                "number. Do you not see any results? Then an Admin User has to grant you visits."
                " Does a page not work? Call support: {support_phone}."
            ),
        ),
        (Link("Authorizations", "authorizations:list", "authorization:read_own"),),
        also="incomplete late 72 hours delay",
    ),
    Topic(
        "download",
        Section.RESULTS,
        "How do I download reports, and for how long can I see them?",
        (
            (
                "One report: Download PDF on its page. Several: select them in the list, or take"
                " all the search finds, as one PDF or a ZIP file."
            ),
            (
                "90 days after posting a report moves to Archived. You still find it there, and "
                "an Admin User can bring it back with a reason. Download what you have to keep."
            ),
        ),
        (_RESULTS,),
        also="save print pdf zip archive 90 days export",
    ),
    Topic(
        "dot",
        Section.RESULTS,
        "Where are DOT cards?",
        (
            (
                "The card of each DOT physical is in Results and Reports. Under Visits, DOT "
                "cards shows when each driver's certificate expires; Admin Users are reminded "
                "60, 30 and 7 days before."
            ),
        ),
        (Link("DOT cards", "dot:list", "result:read"),),
        also="driver medical card mec certificate expiry",
    ),
    Topic(
        "visits",
        Section.RESULTS,
        "Where do I see who may work, and visits of an employee?",
        (
            (
                "Visits shows who is off work, restricted or back at full duty, and every visit "
                "by employee. The supervisor card shows restrictions and dates without any "
                "diagnosis."
            ),
            (
                "Status not known means that the medical center’s latest report, new or "
                "corrected, has to be read: it alone says what the person may do, and what was "
                "said before no longer counts. Read it before you plan work."
            ),
        ),
        (Link("Work status and visits", "visits:board", "result:read"),),
        also="patient visit activity restrictions light duty",
    ),
    Topic(
        "notifications",
        Section.RESULTS,
        "How do I start or stop emails about new results?",
        ("Choose for yourself: at once, once a day, or none. No email says whose result it is.",),
        (Link("Emails about new results", "company:notifications", "settings:own"),),
        also="notify alert email unsubscribe",
    ),
    Topic(
        "received-in-error",
        Section.PRIVACY,
        "I received a report that is not ours.",
        (
            (
                "Open it and press Received in error: it is removed at once, for everyone at "
                "your company, and cannot be opened or shared here any more. Support and the "
                "privacy officer are told, and decide what becomes of it. Destroy copies you "
                "made."
            ),
            "You can also call the HIPAA hotline at any time: {privacy_phone}.",
        ),
        is_public=True,
        also="wrong person mistake misdirected breach",
    ),
    Topic(
        "concern",
        Section.PRIVACY,
        "How do I report a privacy concern?",
        (
            (
                "Call the HIPAA hotline, {privacy_phone}, or write to the privacy officer here. "
                "You need not be signed in."
            ),
        ),
        (Link("Report a privacy concern", "help:concern"),),
        is_public=True,
        also="hipaa complaint hotline",
    ),
)
