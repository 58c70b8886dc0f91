"""What can go wrong with a provider; every channel raises these kinds and no others.

The kind says what follows. `retry` is True only where the message is certain not to have been accepted, so that a
second attempt cannot say the same thing twice: at most once, unless the outcome is known not to have happened.
"""

from typing import ClassVar


class ProviderError(Exception):
    """A provider did not do what we asked."""

    retry: ClassVar[bool] = False

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep a short stable `code` for metrics, and `detail`: the provider's own words, never a vendor's."""
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


class SendError(ProviderError):
    """The provider did not take the message."""


class ProviderBusy(SendError):
    """Throttled before anything was accepted: the same message passes later, and others of the account wait too."""

    retry = True

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        """Keep the seconds that the provider wants us to wait; None when it does not say."""
        super().__init__(code, detail)
        self.retry_after = retry_after


class DayIsFull(ProviderBusy):
    """The account may send no more today."""


class EnoughPeople(ProviderBusy):
    """The account has written to as many people for today as it may, of those who have not written to it lately."""


class TryLater(SendError):
    """Surely not delivered, and the provider has given up: the same message may pass after a while."""

    retry = True

    def __init__(self, code: str, detail: str = "", *, hours: float = 0.0, times: int | None = None) -> None:
        """Keep the `hours` to wait at least, and how many `times` it is worth trying; None: as often as any."""
        super().__init__(code, detail)
        self.hours = hours
        self.times = times


class FileForgotten(TryLater):
    """The provider knows a file no more by the name that it gave us: it must be uploaded again."""


class NotSent(SendError):
    """The request never left us: connection refused, name not found, no free connection."""

    retry = True


class Uncertain(SendError):
    """The request left and no clear answer came back: it may have been accepted."""


class VendorBlockedUs(SendError):
    """She blocked us, or her account is gone: nothing more until she writes."""


class OptedOut(VendorBlockedUs):
    """She told the provider that she wants nothing from us."""


class OutsideWindow(SendError):
    """Too long since her last word: free text may go only when she writes again, before that a template."""


class ContentRefused(SendError):
    """The provider refused the form of the message, as its buttons or its picture: the words alone may pass."""


class TemplateRefused(ContentRefused):
    """A template of ours is missing, paused or does not take these variables: somebody must mend it."""


class NoSuchAddress(SendError):
    """The provider knows nobody at this address."""


class AddressMoved(SendError):
    """The address is now another one: store `new_id` and send there."""

    def __init__(self, new_id: str, code: str = "moved") -> None:
        super().__init__(code)
        self.new_id = new_id


class AccountRefused(SendError):
    """Our own credentials were refused: all sending of this account stops until somebody mends them."""


class Conflict(SendError):
    """Another process receives for this account, or a webhook stands where we want to poll."""


class MessageRefused(SendError):
    """The provider refused this message for good; another one may pass."""


class Flagged(MessageRefused):
    """The provider or the platform sees a breach of its rules: a human must look before more is sent."""


class FetchError(ProviderError):
    """The provider did not hand over the file."""


class TooBig(FetchError):
    """The file is larger than what we take, or than what the provider hands over."""


class Gone(FetchError):
    """The file is no longer at the provider."""


class NotFetched(FetchError):
    """The download broke off: the same file may come later."""

    retry = True
