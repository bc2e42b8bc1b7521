"""What came in with a form: read by name, with limits, refused in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from litestar.datastructures import FormMultiDict, UploadFile

from accord.base.errors import InputError

LINE = 500  # characters of a one-line field
TEXT = 20_000  # characters of a field of several lines
FIELDS = 2_000  # fields of one form


class Form:
    """The fields of a POST. Every reader raises `InputError` that names the field.

    A field is named in a message by its label, the message key `<room>.<label>` that the page shows
    above it; so the caller gives the label already said.
    """

    def __init__(self, fields: FormMultiDict | None, files: dict[str, bytes]) -> None:
        self._fields: dict[str, list[str]] = {}
        self._files = files
        pairs = [] if fields is None else fields.multi_items()
        for count, (name, value) in enumerate(pairs):
            if count >= FIELDS:
                raise InputError("web.form-fields", most=FIELDS)
            if not isinstance(value, UploadFile):
                self._fields.setdefault(name, []).append(str(value))

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def text(self, name: str, label: str = "", *, most: int = LINE) -> str:
        """A field that must be filled in, without blanks around it."""
        found = self.maybe(name, label, most=most)
        if not found:
            raise InputError("web.form-missing", field=label or name)
        return found

    def maybe(self, name: str, label: str = "", *, most: int = LINE) -> str:
        """A field that may be empty or absent: then ""."""
        found = (self._fields.get(name) or [""])[0].replace("\r\n", "\n").strip()
        if len(found) > most:
            raise InputError("web.form-long", field=label or name, found=len(found), allowed=most)
        if "\x00" in found:
            raise InputError("web.form-null", field=label or name)
        return found

    def secret(self, name: str, label: str = "") -> str:
        """A password or a code, exactly as typed. Raises `InputError` when it is empty."""
        found = (self._fields.get(name) or [""])[0]
        if not found:
            raise InputError("web.form-missing", field=label or name)
        if len(found) > LINE:
            raise InputError("web.form-long", field=label or name, found=len(found), allowed=LINE)
        return found

    def all(self, name: str) -> list[str]:
        """The values of a field that may be given several times (check boxes), blanks left out."""
        return [each.strip() for each in self._fields.get(name, []) if each.strip()]

    def ticked(self, name: str) -> bool:
        """Whether a check box is ticked."""
        return bool(self._fields.get(name))

    def choice(self, name: str, allowed: Sequence[str], label: str = "") -> str:
        """One of a closed list."""
        found = self.maybe(name, label)
        if found not in allowed:
            raise InputError(
                "web.form-choice", field=label or name, found=found[:60], allowed=", ".join(allowed)
            )
        return found

    def moment(self, name: str, zone: ZoneInfo, label: str = "") -> datetime | None:
        """A day or a local moment, as browsers send `date` and `datetime-local`; null for none."""
        return moment_of(self.maybe(name, label), zone, label or name)

    def typed(self) -> dict[str, list[str]]:
        """Every field as typed, to be shown again; secrets are for the caller to leave out."""
        return self._fields

    def file(self, name: str) -> bytes:
        """The content of an uploaded file; empty when none was chosen."""
        return self._files.get(name, b"")

    def written(self, name: str, upload: str, label: str = "", *, most: int) -> str:
        """A long text: the file that was uploaded, else what was typed in the field."""
        uploaded = self.file(upload)
        if not uploaded:
            return self.text(name, label, most=most)
        try:
            found = uploaded.decode()
        except UnicodeDecodeError:
            raise InputError("web.form-not-text") from None
        if len(found) > most:
            raise InputError("web.form-long", field=label or name, found=len(found), allowed=most)
        return found

    def typed_or_uploaded(self, name: str, upload: str) -> dict[str, list[str]]:
        """What was typed; what was uploaded stands in the field, where it can be mended."""
        uploaded = self.file(upload).decode(errors="replace")
        return self.typed() | ({name: [uploaded]} if uploaded else {})


def moment_of(text: str, zone: ZoneInfo, label: str) -> datetime | None:
    """A day or a moment in `zone`, as browsers send them, in UTC; null for "". `InputError`."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may be before the year 1 or after 9999
        raise InputError("web.form-moment", field=label, found=text[:60]) from None
