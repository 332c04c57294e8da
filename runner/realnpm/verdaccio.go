package realnpm

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var (
	//go:embed start.cjs
	startScript []byte
	//go:embed verdaccio.yaml
	config []byte
)

// Server is a running Verdaccio, the registry that teams run themselves.
type Server struct {
	URL    string            // http://127.0.0.1:PORT/
	Tokens map[string]string // of the users alice and bob
}

// Verdaccio starts Verdaccio 6.2.4 on 127.0.0.1 with an empty storage and the
// users alice and bob; only alice may publish @alice/*. It has no uplink, so
// nothing but what the test publishes is there. It ends with the test.
func Verdaccio(tb testing.TB) *Server {
	tb.Helper()
	home := install(tb, filepath.Join("verdaccio", "6.2.4"), manifest{
		Dependencies: map[string]string{"verdaccio": "6.2.4"},
		// A dependency asks for node-fetch by the dist-tag cjs, which not every registry serves.
		Overrides: map[string]string{"node-fetch": "2.7.0"},
	}, func(string) error { return nil })

	s := &Server{URL: start(tb, home), Tokens: map[string]string{}}
	for _, user := range []string{"alice", "bob"} {
		token, err := s.addUser(user)
		if err != nil {
			tb.Fatal(err)
		}
		s.Tokens[user] = token
	}
	return s
}

// Npmrc returns the text of an .npmrc that publishes to the server as user, or
// as nobody where user is "".
func (s *Server) Npmrc(user string) string {
	lines := "registry=" + s.URL + "\n"
	if token := s.Tokens[user]; token != "" {
		lines += strings.TrimPrefix(s.URL, "http:") + ":_authToken=" + token + "\n"
	}
	return lines
}

// start runs Verdaccio in a fresh folder and returns its URL when it listens.
func start(tb testing.TB, home string) string {
	tb.Helper()
	dir := tb.TempDir()
	for name, data := range map[string][]byte{"start.cjs": startScript, "config.yaml": config} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	cmd := exec.Command(machineNode, "start.cjs", home, filepath.Join(dir, "config.yaml"))
	cmd.Dir, cmd.Env = dir, environ
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	port, drained := make(chan string, 1), make(chan struct{})
	go watch(stdout, port, drained)
	tb.Cleanup(func() {
		stdin.Close()
		<-drained
		if err := cmd.Wait(); err != nil {
			tb.Errorf("verdaccio: %v\n%s", err, stderr.String())
		}
	})
	number, ok := <-port
	if !ok {
		tb.Fatalf("verdaccio ended before it listened\n%s", stderr.String())
	}
	return "http://127.0.0.1:" + number + "/"
}

// watch sends the port when the server prints it, and reads on to the end.
func watch(stdout io.Reader, port chan<- string, drained chan<- struct{}) {
	defer close(drained)
	defer close(port)
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if number, ok := strings.CutPrefix(lines.Text(), "port "); ok {
			port <- number
		}
	}
}

// addUser makes an account as "npm adduser" does, and returns its token.
func (s *Server) addUser(name string) (string, error) {
	body := fmt.Sprintf(`{"name":%q,"password":"fake-password-of-%s"}`, name, name)
	req, err := http.NewRequest(http.MethodPut, s.URL+"-/user/org.couchdb.user:"+name, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("add user %s: %w", name, err)
	}
	defer resp.Body.Close()
	var answer struct{ Token string }
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil || answer.Token == "" {
		return "", fmt.Errorf("add user %s: %s, no token: %w", name, resp.Status, err)
	}
	return answer.Token, nil
}
