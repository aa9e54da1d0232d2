"""One scan, from the address to what was seen."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread

from .browsers import Browser, PageGoneError, Setting
from .chromium import Chromium
from .chromium_program import find_chromium
from .firefox import Firefox
from .firefox_profile import find_firefox
from .observed import CannotLookError, Observations
from .report import without_query
from .visits import visit_site
from .walk import Progress


def require_browser(setting: Setting) -> None:
    """CannotLookError, with what to install, where the machine has no such browser."""
    (find_firefox if _is_firefox(setting) else find_chromium)(setting)


def _is_firefox(setting: Setting) -> bool:
    return "firefox" in setting.program.rpartition("/")[2].lower()


async def look(url: str, setting: Setting, pages: int, progress: Progress) -> Observations:
    """Looks at up to `pages` pages of a site. CannotLookError says in one line why that is not possible."""

    async def start() -> Browser:
        return await (Firefox(setting) if _is_firefox(setting) else Chromium(setting)).start()

    try:
        return await visit_site(start, url, pages, progress)
    except CannotLookError as error:
        raise CannotLookError(f"{without_query(url)}: {error}" if str(error)[:1].islower() else str(error)) from None
    except (PageGoneError, TimeoutError):
        raise CannotLookError(
            f"{without_query(url)}: the browser came to an end. Try again, or another with --browser."
        ) from None


def look_now(url: str, setting: Setting, pages: int, progress: Progress) -> Observations:
    """The same for code that is not asynchronous. In a thread of its own: a test's may have an event loop already."""
    outcome: Future[Observations] = Future()
    loop = asyncio.new_event_loop()
    task = loop.create_task(look(url, setting, pages, progress))

    def work() -> None:
        try:
            outcome.set_result(loop.run_until_complete(task))
        except BaseException as error:
            outcome.set_exception(error)
        finally:
            loop.close()

    thread = Thread(target=work, daemon=True)
    thread.start()
    try:
        return outcome.result()
    except KeyboardInterrupt:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(30)  # the browser is ended, too
        raise
