"""What a form needs of somebody to be answered: an email address, a phone number, or both."""


class Reachable:
    """A form with the fields `email` and `phone`, of which one at least is to be filled in.

    `if_neither` is the field that asks for them, and its words.
    """

    if_neither: tuple[str, str]

    def validate(self, extra_validators=None) -> bool:
        valid = super().validate(extra_validators)
        if any(field.data or field.errors for field in (self.email, self.phone)):
            return valid
        name, words = self.if_neither
        self[name].errors = [words]
        return False
