package postgres

import (
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"
)

// yielding is about the threads of this process, which all runs share.
var yielding struct {
	sync.Mutex

	runs int
	ours bool // it was us who made them yield
}

// yield makes all threads of this process but the main one, which draws the window, yield to what
// runs (SCHED_BATCH) until the result is called, and the client tools that they start too.
//
// A server sends its rows 8 KB at a time. A thread that is woken for each of them takes the processor
// from the server that writes the next ones, and has it back after them: to change between the two
// took a fifth of our processor time of a backup that stores nothing, and a twentieth of the server's. A thread that yields
// runs when the server waits or has used its time up, and finds as many rows as fit into the socket.
// Where a processor is free nothing changes.
func yield() (end func()) {
	yielding.Lock()
	defer yielding.Unlock()
	if yielding.runs++; yielding.runs == 1 {
		yielding.ours = setPolicy(unix.SCHED_NORMAL, unix.SCHED_BATCH)
	}
	return sync.OnceFunc(func() {
		yielding.Lock()
		defer yielding.Unlock()
		if yielding.runs--; yielding.runs == 0 && yielding.ours {
			setPolicy(unix.SCHED_BATCH, unix.SCHED_NORMAL)
		}
	})
}

// setPolicy gives the threads but the main one that are scheduled by one policy another one, and says
// whether there were any. A new thread is scheduled like the one that makes it, so it looks until all
// are. The system may refuse: what is won is time alone.
func setPolicy(from, to uint32) (any bool) {
	for changed := true; changed; {
		changed = false
		threads, _ := os.ReadDir("/proc/self/task")
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err == nil && id != os.Getpid() && reschedule(id, from, to) {
				any, changed = true, true
			}
		}
	}
	return any
}

// reschedule changes the policy of one thread, 0 for the caller's, if it is from; its niceness stays.
func reschedule(thread int, from, to uint32) bool {
	now, err := unix.SchedGetAttr(thread, 0)
	if err != nil || now.Policy != from {
		return false
	}
	now.Policy = to
	return unix.SchedSetAttr(thread, now, 0) == nil
}

// keepFromYielding makes what the caller's thread starts, to which its goroutine is bound, yield to
// nobody: a server.
func keepFromYielding() {
	yielding.Lock()
	defer yielding.Unlock()
	if yielding.runs > 0 && yielding.ours {
		reschedule(0, unix.SCHED_BATCH, unix.SCHED_NORMAL)
	}
}
