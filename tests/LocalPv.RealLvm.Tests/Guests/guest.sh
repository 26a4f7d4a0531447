#!/bin/bash
# The first and only program of a guest: prepares what lvm2 needs, then runs the commands that the tests send over the serial line.
#
#   run ID        runs the arguments in EXCHANGE/ID.args (each ended by a NUL) and answers "@ID EXITCODE";
#                 what the command writes is in EXCHANGE/ID.out and ID.err, never in the answer
#   kill ID       kills that command with all its children and answers "@ID killed"
#   text ID PATH  answers "@ID 0 TEXT" with the first line of a file; TEXT is empty where there is none
#   links ID DIR  answers "@ID 0 LINK=TARGET LINK=TARGET …" with the links of a folder
#
# Variables from the kernel's command line: EXCHANGE, a folder of the host; MODULES, kernel modules to load, and MODULE_TREE, where they
# are; DISKS, how the names of the disks begin that LVM looks at.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/run TMPDIR=/run
mount -t proc none /proc
mount -t sysfs none /sys
mount -t tmpfs none /run
mkdir -p /run/exchange /run/lvm /run/lock /run/mnt /run/modules/lib/modules
mount -t hostfs -o "$EXCHANGE" none /run/exchange || { echo "The folder $EXCHANGE cannot be mounted."; exec sleep 1d; }

# LVM looks at every file below /dev; a guest has some 800 terminals that it does not need.
exec 3<>/dev/ttyS0
stty raw -echo <&3
rm -f /dev/tty[0-9a-z]?* /dev/pty*

ln -s "$MODULE_TREE/$(uname -r)" "/run/modules/lib/modules/"
# shellcheck disable=SC2086
[[ -z $MODULES ]] || modprobe -a -d /run/modules ${MODULES//,/ } || echo "The modules $MODULES cannot be loaded."

# There is no udev here: LVM makes the device nodes itself. Touching and locking memory beforehand, as LVM does lest it be paged out while
# a disk is suspended, costs more than all the rest of a command in a guest, which pages nothing out.
cat >/run/lvm/lvm.conf <<LVM
global { locking_dir = "/run/lock/lvm" use_lvmpolld = 0 use_lvmlockd = 0 }
devices {
  obtain_device_list_from_udev = 0 use_devicesfile = 0 scan_lvs = 0
  md_component_detection = 0 fw_raid_component_detection = 0 multipath_component_detection = 0
  global_filter = [ "a|^/dev/$DISKS|", "r|.*|" ]
}
activation {
  udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0
  use_mlockall = 0 reserved_memory = 0 reserved_stack = 0
}
backup { backup = 0 archive = 0 }
LVM
export LVM_SYSTEM_DIR=/run/lvm DM_DISABLE_UDEV=1 LVM_SUPPRESS_FD_WARNINGS=1

run() {
  local at=/run/exchange/$1 arguments
  mapfile -d '' -t arguments <"$at.args"
  "${arguments[@]}" <&- >"$at.out" 2>"$at.err" 3>&-
  printf '@%s %s\n' "$1" "$?" >&3
}

links() {
  local link
  for link in "$1"/*; do
    [[ -L $link ]] && printf ' %s=%s' "$link" "$(readlink -f "$link")"
  done
}

# Each command is a process group of its own, so that it can be killed with its children.
set -m
declare -A groups
printf '@ready\n' >&3

# With a length given, read takes one byte after the other. Without, it takes all that has come, and what is behind the first line is lost:
# it trusts lseek, which newer kernels let succeed on a terminal.
while read -r -n 4000 -t 600 verb id rest <&3; do
  case $verb in
    run)
      run "$id" &
      groups[$id]=$!
      ;;
    kill)
      kill -KILL -- "-${groups[$id]}"
      printf '@%s killed\n' "$id" >&3
      ;;
    text)
      text=
      [[ -r $rest ]] && read -r text <"$rest"
      printf '@%s 0 %s\n' "$id" "$text" >&3
      ;;
    links) printf '@%s 0%s\n' "$id" "$(links "$rest")" >&3 ;;
  esac
done 2>/dev/null

# Whoever wanted something is gone: a test that was killed takes nobody with it.
echo o >/proc/sysrq-trigger
exec sleep 1d
