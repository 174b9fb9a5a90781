"""The demo clinic: a stand-in EHR that knows the portal by its HL7 v2 messages alone."""
