"""Which part of a host name is the site: Chromium knows the public suffixes, and keeps no cookie for one."""

from __future__ import annotations

from .pipe import Pipe, PipeError

#: Cookies of the scan itself begin so.
TRIED = "consent-scan-"


async def site_by_cookies(pipe: Pipe, host: str) -> str:
    """The shortest ending of a host name that can have a cookie: one for a public suffix is the host's alone."""
    context = (await pipe.ask("Target.createBrowserContext"))["browserContextId"]
    labels = host.split(".")
    parts = [".".join(labels[-count:]) for count in range(1, len(labels) + 1)]
    cookies = [{"name": TRIED + part, "value": "1", "url": f"https://{host}/", "domain": f".{part}"} for part in parts]
    try:
        await pipe.ask("Storage.setCookies", cookies=cookies, browserContextId=context)
        kept = (await pipe.ask("Storage.getCookies", browserContextId=context))["cookies"]
    except PipeError:  # no name that can have a cookie
        kept = []
    finally:
        await pipe.ask("Target.disposeBrowserContext", browserContextId=context)
    domains = [
        part for part in parts if any(each["name"] == TRIED + part and each["domain"][0] == "." for each in kept)
    ]
    return min(domains, key=len, default=host)
