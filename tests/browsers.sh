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
    *) echo $1 ;;
  esac
}
sudo=""
[ "$(id -u)" = 0 ] || sudo="sudo -n"
# A machine that is thrown away afterwards need not wait for its disk.
unsafe=""
[ -z "${CI:-}" ] || unsafe="-o Dpkg::Options::=--force-unsafe-io"
install() { DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y --no-install-recommends $unsafe "$@" >&2; }
missing() {
  for browser in chromium firefox webkit nginx; do find_it $browser || echo $browser; done
}

browsers=$(missing)
if [ -n "$browsers" ] && command -v apt-get >/dev/null && { [ -z "$sudo" ] || $sudo true 2>/dev/null; }; then
  echo "Installing with apt-get:" $browsers >&2
  $sudo apt-get update >&2
  # the shell is Chromium without a window's workings, which takes half the time; not everywhere, and not needed
  case $browsers in *chromium*) shell=chromium-headless-shell ;; *) shell="" ;; esac
  all=$(for browser in $browsers; do packages $browser; done)
  # at once, or, where there is no such package for one, one after the other
  install $all $shell || for each in $browsers $shell; do install $(packages $each); done
  browsers=$(missing)
fi
for browser in $browsers; do
  echo "The tests with $browser need it. Install it, for example: sudo apt-get install $(packages $browser)" >&2
done
[ -n "$browsers" ] || { touch "$1"; exit 0; }
[ -z "${CI:-}" ] || exit 1
case $browsers in *chromium*) exit 1 ;; esac
