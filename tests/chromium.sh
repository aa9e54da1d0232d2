#!/bin/sh
# Prints the path of a Chromium. Installs Debian's package (and a Chinese font) where there is none and it may.
set -u
find_it() {
  for name in chromium chromium-browser google-chrome; do command -v "$name" && return; done
  return 1
}
find_it && exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
if command -v apt-get >/dev/null && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
  echo "Installing Chromium with apt-get…" >&2
  { $sudo apt-get update && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends chromium fonts-noto-cjk; } >&2
  # the same without a window's workings, which takes half the time; not everywhere, and not needed
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends chromium-headless-shell >&2 || true
  find_it && exit 0
fi
echo "The browser tests need Chromium. Install it, for example: sudo apt-get install chromium fonts-noto-cjk" >&2
exit 1
