package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Lab is one control plane: a directory, and the ports that it keeps for life.
// Everything else is derived from these, so a stopped lab's directory can be
// started again, or copied and started elsewhere.
//
//	lab.json          the ports
//	*.conf            kubeconfigs (see kubeconfig.go)
//	pki/              certificates and keys
//	etcd/             etcd's data
//	run/NAME.json     the process of each component that was started
//	logs/NAME.log     what each component wrote
//	kwok.yaml         how kwok plays nodes and pods
//	pod.log, ...      what pods log (see podlog.go)
//	exec/             the working directory of exec
type Lab struct {
	Dir   string `json:"-"`
	Ports Ports  `json:"ports"`
	// Metrics is whether metrics-server runs, which costs some CPU all the time.
	Metrics bool `json:"metrics"`
}

// Ports of one lab, all on 127.0.0.1.
type Ports struct {
	Etcd, EtcdPeer, API, Kubelet, Web, Metrics int
}

func (l *Lab) path(elements ...string) string {
	return filepath.Join(append([]string{l.Dir}, elements...)...)
}

// server is the API server's address in every kubeconfig.
func (l *Lab) server() string { return fmt.Sprintf("https://127.0.0.1:%d", l.Ports.API) }

// etcdURL is where etcd answers its clients, without TLS.
func (l *Lab) etcdURL() string { return fmt.Sprintf("http://127.0.0.1:%d", l.Ports.Etcd) }

// openLab reads the lab in dir; it is an error if there is none.
func openLab(dir string) (*Lab, error) {
	if dir == "" {
		return nil, errors.New("--dir DIR is missing")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	l := &Lab{Dir: dir}
	data, err := os.ReadFile(l.path("lab.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no lab in %s: %w", dir, err)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, l); err != nil {
		return nil, fmt.Errorf("%s: %w", l.path("lab.json"), err)
	}
	return l, nil
}

// createLab makes the directory of a new lab, and chooses its ports.
func createLab(dir string, metrics bool) (*Lab, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	l := &Lab{Dir: dir}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		return nil, fmt.Errorf("%s is neither empty nor a lab", dir)
	}
	for _, sub := range []string{"pki", "run", "logs", "exec"} {
		if err := os.MkdirAll(l.path(sub), 0o755); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(l.path(unfinished), nil, 0o644); err != nil {
		return nil, err
	}
	ports, err := freePorts(6)
	if err != nil {
		return nil, err
	}
	l.Metrics = metrics
	l.Ports = Ports{Etcd: ports[0], EtcdPeer: ports[1], API: ports[2], Kubelet: ports[3], Web: ports[4], Metrics: ports[5]}
	return l, l.save()
}

// unfinished is a file that is there until a new lab is up for the first time.
const unfinished = "unfinished"

// abandoned says whether the lab never came up. It is for reading only, until
// the next up starts over.
func (l *Lab) abandoned() bool {
	_, err := os.Stat(l.path(unfinished))
	return err == nil
}

func (l *Lab) finished() error { return os.RemoveAll(l.path(unfinished)) }

func (l *Lab) save() error {
	data, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(l.path("lab.json"), data, 0o644)
}

// lock keeps two commands from starting and stopping a lab's components at
// once. It is released when the process ends.
func (l *Lab) lock() error {
	f, err := os.OpenFile(l.path("lock"), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return fmt.Errorf("another lab command is busy with %s", l.Dir)
	}
	lockFile = f // kept open, and thereby locked, until the end
	return nil
}

var lockFile *os.File

// restConfig is the admin's, with no limit of requests.
func (l *Lab) restConfig() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", l.path(adminConf))
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	config.UserAgent = "kw-lab"
	config.WarningHandler = rest.NoWarnings{} // the gallery is odd on purpose
	config.ContentType = "application/vnd.kubernetes.protobuf"
	config.AcceptContentTypes = "application/vnd.kubernetes.protobuf,application/json"
	return config, nil
}

// client talks to this lab's API server as its admin.
func (l *Lab) client() (kubernetes.Interface, error) {
	config, err := l.restConfig()
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

// writeFile replaces a file whole: readers see the old one or the new one.
func writeFile(path string, data []byte, mode fs.FileMode) error {
	temporary := path + ".new"
	if err := os.WriteFile(temporary, data, mode); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
