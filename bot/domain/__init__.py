"""The words of the field as frozen types. Imported by every other package, imports none of them."""
