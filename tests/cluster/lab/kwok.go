package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
)

const (
	// managedLabel is on the nodes that kwok plays; it leaves others to die.
	managedLabel = "lab.kittiwake/managed"
	// handsOffLabel keeps kwok's stages off a node or pod whose status we wrote ourselves.
	handsOffLabel = "lab.kittiwake/hands-off"
	// runsForAnnotation is how long a Job's pod runs, exitCodeAnnotation how it ends.
	runsForAnnotation  = "lab.kittiwake/runs-for"
	exitCodeAnnotation = "lab.kittiwake/exit-code"
)

// Address ranges, none of them routed anywhere. The pods' holds a million.
const (
	podCIDR        = "10.64.0.0/12"
	serviceCIDR    = "10.32.0.0/16"
	firstServiceIP = "10.32.0.1"
)

//go:embed kwok/*.yaml
var kwokStages embed.FS

// writeKwokConfig writes what kwok is told: our stages (see kwok/), and for every
// pod the same answers to what the kubelet is asked.
func (l *Lab) writeKwokConfig() error {
	var config bytes.Buffer
	files := []string{"kwok/pods.yaml", "kwok/endings.yaml", "kwok/nodes.yaml"}
	if l.Metrics {
		files = append(files, "kwok/usage.yaml")
	}
	for _, file := range files {
		data, err := kwokStages.ReadFile(file)
		if err != nil {
			return err
		}
		fmt.Fprintf(&config, "%s\n---\n", data)
	}
	list := func(items ...any) []any { return items }
	for kind, spec := range map[string]object{
		// The second container, the proxy, logs JSON; all others log text.
		"ClusterLogs": {"logs": list(
			object{"logsFile": l.path(podLog), "previousLogsFile": l.path(previousLog), "follow": true},
			object{"containers": list(proxyContainer), "logsFile": l.path(jsonLog), "previousLogsFile": l.path(previousLog), "follow": true},
		)},
		"ClusterAttach":      {"attaches": list(object{"logsFile": l.path(podLog)})},
		"ClusterExec":        {"execs": list(object{"local": object{"workDir": l.path("exec")}})},
		"ClusterPortForward": {"forwards": list(object{"target": object{"address": "127.0.0.1", "port": l.Ports.Web}})},
	} {
		// JSON is YAML: no path can break out of it.
		data, err := json.Marshal(object{
			"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": kind, "metadata": object{"name": "every-pod"}, "spec": spec,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(&config, "%s\n---\n", data)
	}
	return writeFile(l.path("kwok.yaml"), config.Bytes(), 0o644)
}
