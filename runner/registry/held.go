package registry

import "time"

// Held is one version that the registry holds, shown to readers or not.
type Held struct {
	Name, Version string
	Shasum        string
	By            string // the account that published it
	Time          time.Time
	Readable      bool
}

// Holds returns everything that the registry holds, by name and version.
func (r *Registry) Holds() []Held {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []Held
	for _, name := range keys(r.world.Packages) {
		p := r.world.Packages[name]
		for _, number := range keys(p.Versions) {
			v := p.Versions[number]
			all = append(all, Held{name, number, v.Shasum, v.By, p.Times[number], v.readable()})
		}
	}
	return all
}

// Show lets readers see what was Invisible, as a registry does when its copies
// have caught up.
func (r *Registry) Show() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.world.Packages {
		for _, v := range p.Versions {
			v.Invisible = false
		}
	}
}

// Befall replaces what befalls the uploads from now on.
func (r *Registry) Befall(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.world.Faults = faults
}

// Announce replaces the header that goes with every answer to a reader.
func (r *Registry) Announce(header map[string]string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.world.Header = header
}

// Down answers every reader with status, 0 as usual again. Uploads arrive.
func (r *Registry) Down(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.world.Down = status
}
