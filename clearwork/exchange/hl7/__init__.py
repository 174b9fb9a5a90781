"""HL7 v2 on the wire: frames, messages, orders, statuses, results, acknowledgments."""
