package registry

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"safepublish/runner/realnpm"
)

// run is what npm left behind on pipes.
type run struct {
	stdout, stderr string
	exit           int
}

// release is the npm that the tests run, whatever the machine has.
const release = "11.19.1"

// npm runs npm in the sandbox, on pipes.
func runNPM(t *testing.T, s *Sandbox, args ...string) run {
	t.Helper()
	return npmWith(t, s, nil, "", args...)
}

func npmWith(t *testing.T, s *Sandbox, env []string, stdin string, args ...string) run {
	t.Helper()
	return npmOf(t, release, s, env, stdin, args...)
}

func npmOf(t *testing.T, release string, s *Sandbox, env []string, stdin string, args ...string) run {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, realnpm.Path(t, release), args...)
	cmd.Dir, cmd.Env = s.Dir, append(append([]string(nil), s.Env...), env...)
	cmd.Stdin = strings.NewReader(stdin)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("npm %v: %v", args, err)
	}
	return run{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// publish runs npm publish with the sandbox's own arguments.
func publish(t *testing.T, s *Sandbox, args ...string) run {
	t.Helper()
	return runNPM(t, s, append(append([]string{"publish"}, args...), s.Args...)...)
}

func open(t *testing.T, o Options) *Sandbox {
	t.Helper()
	if o.Env == nil {
		o.Env = os.Environ()
	}
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// escapes are the requests of other hosts than the registry.
func escapes(r *Registry) []string {
	return slices.DeleteFunc(r.Log(), func(q string) bool { return strings.Contains(q, " /") })
}

func scenario(t *testing.T, id string) Scenario {
	t.Helper()
	s, ok := Find(id)
	if !ok {
		t.Fatalf("no scenario %q", id)
	}
	return s
}

// decoy is a registry that must never be asked.
type decoy struct {
	*httptest.Server
	mu  sync.Mutex
	log []string
}

func newDecoy(t *testing.T) *decoy {
	d := &decoy{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.log = append(d.log, q.Method+" "+q.URL.String())
		w.WriteHeader(http.StatusCreated)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *decoy) asked() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.log...)
}

// sample copies a package of testdata and fills in the decoy's address.
func sample(t *testing.T, name string, d *decoy) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("..", "..", "testdata", "packages", name))); err != nil {
		t.Fatal(err)
	}
	fill := strings.NewReplacer("DECOY_URL", d.URL+"/", "DECOY_HOST", strings.TrimPrefix(d.URL, "http://"))
	for path, text := range tree(t, dir) {
		write(t, filepath.Join(dir, path), fill.Replace(text))
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// tree reads every regular file below dir.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		text, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		files[rel] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func mustContain(t *testing.T, what, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q:\n%s", what, part, text)
		}
	}
}
