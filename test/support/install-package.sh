# install-package.sh PACKAGE [SERVICE]: installs a Debian package unless it is there, and stops the service that Debian
# would start with it. Only one of these runs at a time, so that parallel test runs don't trip over apt's own locks.
set -e
export DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"
exec 9>/run/parley-test-packages.lock
flock 9

case $(dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null) in
  *' installed') exit 0 ;;
esac
# A machine that has just started holds apt's locks itself: its unattended upgrades run then. `apt-get update` does not wait
# for its lock, whatever DPkg::Lock::Timeout says.
wait_s=300
until said=$(LC_ALL=C apt-get update -qq 2>&1); do
  case $said in *'Could not get lock'*) ;; *) wait_s=0 ;; esac
  if [ "$wait_s" -le 0 ]; then
    echo "$said" >&2
    exit 1
  fi
  wait_s=$((wait_s - 5))
  sleep 5
done
apt-get install -qq --yes --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$1" 9>&-
# Where the service was not started, there is nothing to stop.
[ -z "$2" ] || service "$2" stop 9>&- || true
