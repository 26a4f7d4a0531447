#!/usr/bin/perl
# The first and only program of a guest: prepares what lvm2 needs, then does what the tests ask over the serial line. What can be done
# without starting a program is done here: to start one is what takes most of the time in a guest.
#
#   run ID        runs the arguments in EXCHANGE/ID.args (each ended by a NUL) and answers "@ID EXITCODE";
#                 what the command writes is in EXCHANGE/ID.out and ID.err, never in the answer
#   do ID         the same for Perl, with the program in place of a command's name
#   kill ID       kills that command with all its children and answers "@ID killed"
#   text ID PATH  answers "@ID 0 TEXT" with the first line of a file; TEXT is empty where there is none
#   links ID DIR  answers "@ID 0 LINK=TARGET LINK=TARGET ..." with the links of a folder
#   look ID       looks for the patterns in EXCHANGE/ID.args, in which * stands for any name: writes the paths that fit those before the
#                 empty one to ID.out, an empty line, and each line of the files that fit the others behind the file's name; answers "@ID 0"
#
# Variables from the kernel's command line: EXCHANGE, a folder of the host; MODULES, kernel modules to load, and MODULE_TREE, where they
# are; DISKS, how the names of the disks begin that LVM looks at.
use strict;

my $exchange = '/run/exchange';

# Numbers of Linux on x86-64, so that no module has to be loaded for their names: each would be copied at every fork.
my ($sys_mount, $wnohang, $eintr) = (165, 1, 4);

sub mounted {
    my ($type, $at, $data) = @_;
    my $source = 'none';
    syscall($sys_mount, $source, $at, $type, 0, $data) == 0 or do {
        print STDERR "$type cannot be mounted at $at: $!\n";
        sleep 86400;
    };
}

sub put {
    my ($path, $text) = @_;
    open my $file, '>', $path or return;
    syswrite $file, $text;
}

sub names {
    opendir my $folder, shift or return;
    return sort grep { !/^\.\.?$/ } readdir $folder;
}

%ENV = (%ENV, PATH => '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL => 'C', HOME => '/run', TMPDIR => '/run');
mounted('proc', '/proc', '');
mounted('sysfs', '/sys', '');
mounted('tmpfs', '/run', '');
mkdir "/run/$_" for qw(exchange lvm lock mnt modules modules/lib modules/lib/modules);
mounted('hostfs', $exchange, $ENV{EXCHANGE});

open my $line, '+<', '/dev/ttyS0' or die "The serial line cannot be opened: $!";
open my $input, '<&', $line;
open STDIN, '<&', $line;
system 'stty', 'raw', '-echo';
open STDIN, '<', '/dev/null';

# LVM looks at every file below /dev; a guest has terminals that it does not need.
unlink map { "/dev/$_" } grep { /^(tty[0-9a-z]|pty)./ } names('/dev');

open my $release, '<', '/proc/sys/kernel/osrelease';
chomp(my $version = <$release>);
symlink "$ENV{MODULE_TREE}/$version", "/run/modules/lib/modules/$version";
if (my @modules = split /,/, $ENV{MODULES}) {
    system('modprobe', '-a', '-d', '/run/modules', @modules) == 0 or print STDERR "The modules @modules cannot be loaded.\n";
}

# There is no udev here: LVM makes the device nodes itself. Touching and locking memory beforehand, as LVM does lest it be paged out while
# a disk is suspended, costs more than all the rest of a command in a guest, which pages nothing out.
put '/run/lvm/lvm.conf', <<LVM;
global { locking_dir = "/run/lock/lvm" use_lvmpolld = 0 use_lvmlockd = 0 }
devices {
  obtain_device_list_from_udev = 0 use_devicesfile = 0 scan_lvs = 0
  md_component_detection = 0 fw_raid_component_detection = 0 multipath_component_detection = 0
  global_filter = [ "a|^/dev/$ENV{DISKS}|", "r|.*|" ]
}
activation {
  udev_sync = 0 udev_rules = 0 verify_udev_operations = 0 monitoring = 0
  use_mlockall = 0 reserved_memory = 0 reserved_stack = 0
}
backup { backup = 0 archive = 0 }
LVM
%ENV = (%ENV, LVM_SYSTEM_DIR => '/run/lvm', DM_DISABLE_UDEV => 1, LVM_SUPPRESS_FD_WARNINGS => 1);

# The end of a process may interrupt a write.
sub answer {
    my $text = join(' ', @_) . "\n";
    while (length $text) {
        my $count = syswrite $line, $text;
        return unless defined $count || $! == $eintr;
        substr($text, 0, $count || 0) = '';
    }
}

sub arguments {
    open my $file, '<', "$exchange/$_[0].args" or return;
    local $/;
    return split /\0/, <$file>, -1;
}

# Does something in a process of its own, which is a group of its own, so that it can be killed with its children.
my (%id_of, %group_of);

sub begin {
    my ($id, $what) = @_;
    my $child = fork;
    if ($child) {
        setpgrp $child, $child;
        ($id_of{$child}, $group_of{$id}) = ($id, $child);
        return;
    }

    setpgrp 0, 0;
    close $line;
    close $input;
    open STDOUT, '>', "$exchange/$id.out";
    open STDERR, '>', "$exchange/$id.err";
    my @arguments = arguments($id);
    pop @arguments;
    exit $what->(@arguments);
}

sub run {
    exec { $_[0] } @_;
    print STDERR "$_[0]: $!\n";
    return 127;
}

sub perl {
    my $program = shift;
    local @ARGV = @_;
    $| = 1;
    eval "no strict; $program\n; 1" and return 0;
    print STDERR $@;
    return 1;
}

sub reap {
    while ((my $child = waitpid -1, $wnohang) > 0) {
        my $id = delete $id_of{$child};
        next unless defined $id;
        delete $group_of{$id};
        answer("\@$id", $? & 127 ? 128 + ($? & 127) : $? >> 8);
    }
}

sub first_line {
    open my $file, '<', shift or return '';
    my $text = <$file>;
    chomp $text;
    return $text;
}

sub links {
    my $folder = shift;
    return map { chomp(my $target = `readlink -f $folder/$_`); "$folder/$_=$target" } grep { -l "$folder/$_" } names($folder);
}

sub fitting {
    my @paths = '';
    for my $part (split m{/}, substr shift, 1) {
        @paths = $part eq '*'
            ? map { my $path = $_; map { "$path/$_" } grep { !/^\./ } names($path) } @paths
            : map { "$_/$part" } @paths;
    }
    return grep { -e } @paths;
}

sub look {
    my ($text, $reads) = ('', 0);
    for (@_) {
        if ($_ eq '') {
            ($text, $reads) = ("$text\n", 1);
        } elsif (!$reads) {
            $text .= join '', map { "$_\n" } fitting($_);
        } else {
            for my $path (fitting($_)) {
                open my $file, '<', $path or next;
                $text .= "$path:$_" . (/\n$/ ? '' : "\n") while <$file>;
            }
        }
    }
    return $text;
}

# The end of a process ends the wait for a line, unless it comes just before that: then it is seen when the wait, a short one, is over.
$SIG{CHLD} = sub { };
answer('@ready');
my ($buffer, $started) = ('', time);
while (time - $started < 600) {
    my $ready = '';
    vec($ready, fileno $input, 1) = 1;
    my $found = select $ready, undef, undef, %id_of ? 0.02 : 60;
    reap();
    next unless $found > 0;
    my $count = sysread $input, $buffer, 4096, length $buffer;
    next if !defined $count && $! == $eintr;
    last unless $count;
    $started = time;
    while ($buffer =~ s/^(\S+) (\S+) ?(.*)\n//) {
        my ($verb, $id, $rest) = ($1, $2, $3);
        if ($verb eq 'run') {
            begin($id, \&run);
        } elsif ($verb eq 'do') {
            begin($id, \&perl);
        } elsif ($verb eq 'kill') {
            my $group = delete $group_of{$id};
            delete $id_of{$group};
            kill 'KILL', -$group if $group;
            answer("\@$id", 'killed');
        } elsif ($verb eq 'text') {
            answer("\@$id", 0, first_line($rest));
        } elsif ($verb eq 'links') {
            answer("\@$id", 0, links($rest));
        } elsif ($verb eq 'look') {
            my @patterns = arguments($id);
            pop @patterns;
            put("$exchange/$id.out", look(@patterns));
            answer("\@$id", 0);
        }
    }
}

# Whoever wanted something is gone: a test that was killed takes nobody with it.
put('/proc/sysrq-trigger', 'o');
sleep 86400;
