#!/bin/sh
# Finds the browsers of the tests, Chromium, Firefox and WebKit, and nginx. Installs Debian's packages (and a Chinese font) where
# one is missing and it may. Where it may not, Chromium is needed, and the tests with the others are skipped; in CI all are needed.
# When all are there it makes the file $1, so that it need not look again.
set -u
find_it() {
  case $1 in
    chromium) command -v chromium || command -v chromium-browser || command -v google-chrome ;;
    firefox) command -v firefox-esr || command -v firefox ;;
    webkit) command -v WebKitWebDriver && command -v Xvfb ;;
    nginx) command -v nginx || command -v /usr/sbin/nginx ;;
  esac >/dev/null
}
packages() {
  case $1 in
    chromium) echo chromium fonts-noto-cjk ;;
    firefox) echo firefox-esr fonts-noto-cjk ;;
    webkit) echo webkit2gtk-driver xvfb fonts-noto-cjk ;;
    nginx) echo nginx-light ;;
  esac
}
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
install() { DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends "$@" >&2; }

missing="" updated=""
for browser in chromium firefox webkit nginx; do
  find_it $browser && continue
  if command -v apt-get >/dev/null && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
    echo "Installing $browser with apt-get…" >&2
    [ -n "$updated" ] || { $sudo apt-get update >&2 && updated=1; }
    install $(packages $browser)
    # the same without a window's workings, which takes half the time; not everywhere, and not needed
    [ $browser != chromium ] || install chromium-headless-shell || true
    find_it $browser && continue
  fi
  missing="$missing $browser"
  echo "The tests with $browser need it. Install it, for example: sudo apt-get install $(packages $browser)" >&2
done
[ -n "$missing" ] || { touch "$1"; exit 0; }
[ -z "${CI:-}" ] || exit 1
case $missing in *chromium*) exit 1 ;; esac
