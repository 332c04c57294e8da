package npmexec

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/windows"

	"safepublish/classify/transcript"
)

// The test binary is also safepublish, npm and a program that npm starts.
func TestMain(m *testing.M) {
	switch os.Getenv("RUNNER_TEST_PROGRAM") {
	case "holds": // until it is killed
		again("starts", true)
		time.Sleep(time.Hour)
	case "leaves":
		again("starts", true)()
	case "starts": // and ends, as a shell does
		again("waits", false)
	case "prints":
		if len(os.Args) == 3 && os.Args[1] == "op://a b" && os.Args[2] == "c&d" {
			fmt.Println("123456")
		}
	case "waits":
		fmt.Println(os.Getpid())
		time.Sleep(time.Hour)
	default:
		os.Exit(m.Run())
	}
}

// again starts this program in another of its parts, and says who holds it.
func again(part string, held bool) (done func()) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "RUNNER_TEST_PROGRAM="+part)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		panic(err)
	}
	done = func() {}
	if held {
		done = hold(cmd.Process)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	fmt.Print(line)
	return done
}

// --otp-command is read as it would be if it were typed, its quotes too.
func TestOneTimePassword(t *testing.T) {
	r := &Runner{NPM: &NPM{Env: append(os.Environ(), "RUNNER_TEST_PROGRAM=prints")}, Redactor: transcript.NewRedactor(nil)}
	code, err := r.OneTimePassword(t.Context(), `"`+os.Args[0]+`" "op://a b" "c&d"`)
	if code != "123456" || err != nil {
		t.Errorf("%q, %v", code, err)
	}
}

// What npm has started ends with a safepublish that is killed, and stays where that has
// come to its end.
func TestHold(t *testing.T) {
	for part, stays := range map[string]bool{"holds": false, "leaves": true} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "RUNNER_TEST_PROGRAM="+part)
		out, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		line, err := bufio.NewReader(out).ReadString('\n')
		pid, _ := strconv.Atoi(strings.TrimSpace(line))
		if pid == 0 {
			t.Fatalf("%s: %q, %v", part, line, err)
		}
		h, err := windows.OpenProcess(windows.SYNCHRONIZE|windows.PROCESS_TERMINATE, false, uint32(pid))
		if err != nil {
			t.Fatal(err)
		}
		if part == "holds" {
			_ = cmd.Process.Kill()
		}
		go func() { _, _ = io.Copy(io.Discard, out) }()
		wait := uint32(10_000)
		if stays {
			_, _ = cmd.Process.Wait()
			wait = 1000
		}
		event, _ := windows.WaitForSingleObject(h, wait)
		if left := event == uint32(windows.WAIT_TIMEOUT); left != stays {
			t.Errorf("%s: what npm started is left: %v, want %v", part, left, stays)
		}
		_ = windows.TerminateProcess(h, 1)
		_ = windows.CloseHandle(h)
	}
}
