"""Tables as people have them: CSV in any encoding, XLSX, pasted rows. No domain words here."""
