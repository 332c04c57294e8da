package prompts

import (
	"errors"
	"os"
	"strings"

	"golang.org/x/sys/windows"
	"golang.org/x/term"
)

// readLine shows the prompt and returns the line typed after it. ^C and the end
// of input return ErrGivenUp.
func readLine(in *os.File, echo bool, prompt func()) (string, error) {
	discard(in)
	prompt()
	if !echo {
		line, err := term.ReadPassword(int(in.Fd()))
		if err != nil {
			return "", ErrGivenUp
		}
		return string(line), nil
	}
	line := make([]byte, 64<<10)
	n, err := in.Read(line)
	answer, ended := strings.CutSuffix(string(line[:n]), "\n")
	if err != nil || !ended {
		return "", ErrGivenUp
	}
	return answer, nil
}

// chooseArrow is not used: a menu is a list with numbers here.
func (*UI) chooseArrow(string, []Item, int) (int, error) { return 0, errors.ErrUnsupported }

func disableEcho(*os.File) (restore func()) { return func() {} }

func foreground(*os.File) bool { return true }

// discard throws away what was typed and not yet read.
func discard(in *os.File) {
	_ = windows.FlushConsoleInputBuffer(windows.Handle(in.Fd()))
}
