package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"time"

	"holdfast/backup"

	"github.com/jackc/pgx/v5/pgconn"
)

// A bridge is a command in the container that connects to the server there and carries bytes
// between it and its own standard input and output. It needs perl or bash, of which the images
// have at least one, since their entry points are written in bash.
//
// PostgreSQL is the first process of its container, to which orphans fall. It takes one that a
// signal ended for a crash of its own and cuts every session. So a bridge leaves no process
// behind: perl's is a single one, and bash waits for those that it starts, which ignore SIGPIPE. It ends when either side does, also when we are killed, for then its input ends.

// greeting is what a bridge says first, when it is connected.
const greeting = "holdfast bridge\n"

// noBridge is what bridgeScript says when it finds nothing to make a bridge of.
const noBridge = "holdfast: no bridge"

// bridgeScript chooses the bridge. Its arguments: host, port, perl's program, bash's.
const bridgeScript = `LC_ALL=C
export LC_ALL
if command -v perl >/dev/null 2>&1; then exec perl -e "$3" "$1" "$2"; fi
case $1 in /*) ;; *) if command -v bash >/dev/null 2>&1; then exec bash -c "$4" bash "$1" "$2"; fi ;; esac
echo "` + noBridge + `" >&2
exit 3`

// perlBridge reads a side only when all that came from it before is written to the other one,
// and never blocks on writing, so that both directions go on.
const perlBridge = `use strict; use Socket qw(:DEFAULT getaddrinfo IPPROTO_TCP TCP_NODELAY); use Fcntl; use Errno;
my ($host, $port) = @ARGV;
my $server;
if ($host =~ m{^/}) {
	socket($server, AF_UNIX, SOCK_STREAM, 0) && connect($server, pack_sockaddr_un("$host/.s.PGSQL.$port")) or die "connect: $!\n";
} else {
	my ($unknown, @found) = getaddrinfo($host, $port, {socktype => SOCK_STREAM});
	die "$host: $unknown\n" if $unknown;
	my $up = 0;
	for my $at (@found) {
		$up = socket($server, $at->{family}, $at->{socktype}, $at->{protocol}) && connect($server, $at->{addr}) and last;
	}
	die "connect: $!\n" unless $up;
	setsockopt($server, IPPROTO_TCP, TCP_NODELAY, 1);
}
$SIG{PIPE} = "IGNORE";
syswrite STDOUT, "holdfast bridge\n";
for my $file ($server, *STDIN, *STDOUT) { fcntl($file, F_SETFL, fcntl($file, F_GETFL, 0) | O_NONBLOCK); }
my @ways = ({from => *STDIN, to => $server, kept => ""}, {from => $server, to => *STDOUT, kept => ""});
while (1) {
	my ($reads, $writes) = ("", "");
	for my $way (@ways) {
		if (length $way->{kept}) { vec($writes, fileno $way->{to}, 1) = 1 } else { vec($reads, fileno $way->{from}, 1) = 1 }
	}
	if (select($reads, $writes, undef, undef) < 0) { next if $!{EINTR}; die "select: $!\n"; }
	for my $way (@ways) {
		my $done;
		if (length $way->{kept}) {
			next unless vec($writes, fileno $way->{to}, 1);
			$done = syswrite $way->{to}, $way->{kept};
			substr($way->{kept}, 0, $done) = "" if $done;
		} else {
			next unless vec($reads, fileno $way->{from}, 1);
			$done = sysread $way->{from}, $way->{kept}, 65536;
			exit 0 if defined $done && $done == 0;
		}
		exit 0 unless defined $done || $!{EAGAIN} || $!{EINTR};
	}
}`

// bashBridge has one dd for each way, which writes at once what it read. (Busybox's cat uses
// sendfile from the socket to the pipe; while that waits Linux lets nobody read from the pipe.)
// When the one that feeds the server is done, its shell ends the other one; when the server is
// done, the feeder is ended. (wait -n would be shorter, and misses a process that ended before
// it was called.)
const bashBridge = `trap "" PIPE
exec 3<>"/dev/tcp/$1/$2" || exit 1
printf "holdfast bridge\n"
exec 4<&0 </dev/null
dd bs=65536 <&3 3>&- 4<&- 2>/dev/null &
down=$!
(
	exec >/dev/null 2>&1
	dd bs=65536 <&4 >&3 3>&- 4<&- &
	up=$!
	exec 3>&- 4<&-
	trap "kill $up; wait $up; exit 0" TERM
	wait $up
	kill $down
) &
feeder=$!
exec 3>&- 4<&- >/dev/null 2>&1
wait $down
kill $feeder
wait $feeder
exit 0`

// bridgePatience is how long a bridge may take to end by itself.
const bridgePatience = 2 * time.Second

// bridgeDialer gives a function that makes a bridge to c at each call, whatever address it is
// called with.
func bridgeDialer(c backup.Connection) pgconn.DialFunc {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		b, err := openBridge(ctx, c)
		if err != nil {
			return nil, err
		}
		return b, nil
	}
}

// openBridge starts a bridge and returns when it is connected to the server.
func openBridge(ctx context.Context, c backup.Connection) (*bridge, error) {
	theirs, in, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, theirs.Close(), in.Close())
	}
	run, err := runEngine(c.Container, theirs, theirOut,
		execArgs(c.Container, "sh", "-c", bridgeScript, "sh", c.Host, strconv.Itoa(int(c.Port)), perlBridge, bashBridge)...)
	_, _ = theirs.Close(), theirOut.Close() // the command has its own
	if err != nil {
		_, _ = in.Close(), out.Close() // nobody is at the other end
		return nil, err
	}
	b := &bridge{run: run, in: in, out: out}
	if err := b.greeted(ctx); err != nil {
		_ = b.Close() // it never was a connection
		return nil, err
	}
	return b, nil
}

// bridge is a connection through a command; it implements net.Conn.
type bridge struct {
	run  *engineRun
	in   *os.File // the command's standard input
	out  *os.File // its standard output
	once sync.Once
	err  error // of Close
}

// greeted waits for the bridge's first words.
func (b *bridge) greeted(ctx context.Context) error {
	release := context.AfterFunc(ctx, func() { _ = b.out.SetReadDeadline(time.Unix(1, 0)) }) // it is a pipe: it can
	words := make([]byte, len(greeting))
	_, err := io.ReadFull(b.out, words)
	if !release() {
		return context.Cause(ctx)
	}
	if err != nil {
		b.run.stop(bridgePatience) // its last words say why
		return b.run.explain()
	}
	if string(words) != greeting {
		return backup.Errorf(backup.Unreachable, "Check what runs when a shell starts in it.",
			"a shell in %s says %q before it does what it is told", b.run.container, words)
	}
	return nil
}

// Read implements net.Conn.
func (b *bridge) Read(p []byte) (int, error) { return b.out.Read(p) }

// Write implements net.Conn.
func (b *bridge) Write(p []byte) (int, error) { return b.in.Write(p) }

// Close ends the bridge and returns when its command is gone.
func (b *bridge) Close() error {
	b.once.Do(func() {
		b.err = errors.Join(b.in.Close(), b.out.Close())
		b.run.stop(bridgePatience)
	})
	return b.err
}

// SetDeadline implements net.Conn.
func (b *bridge) SetDeadline(t time.Time) error {
	return errors.Join(b.SetReadDeadline(t), b.SetWriteDeadline(t))
}

// SetReadDeadline implements net.Conn.
func (b *bridge) SetReadDeadline(t time.Time) error { return b.out.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn.
func (b *bridge) SetWriteDeadline(t time.Time) error { return b.in.SetWriteDeadline(t) }

// LocalAddr implements net.Conn.
func (b *bridge) LocalAddr() net.Addr { return bridgeAddr{b.run.container} }

// RemoteAddr implements net.Conn.
func (b *bridge) RemoteAddr() net.Addr { return bridgeAddr{b.run.container} }

// bridgeAddr is the address of both ends of a bridge.
type bridgeAddr struct{ container backup.Container }

// Network implements net.Addr.
func (a bridgeAddr) Network() string { return "container" }

// String implements net.Addr.
func (a bridgeAddr) String() string { return fmt.Sprint(a.container) }
