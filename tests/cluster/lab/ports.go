package main

import (
	"fmt"
	"math/rand/v2"
	"net"
)

// The range that ports are chosen from. It lies below the range from which Linux
// takes the local ports of outgoing connections: a component that is stopped for
// a while must find its port free when it is started again.
const firstPort, lastPort = 20000, 32000

// freePorts gives n ports of 127.0.0.1 that nobody listens on. They are not
// reserved: labs that start at the same time rely on chance, which for a handful
// of 12,000 ports is good, and the one that loses fails clearly.
func freePorts(n int) ([]int, error) {
	var ports []int
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort)
		listener, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err != nil {
			continue
		}
		defer listener.Close() // held until all are chosen, so that all differ
		if ports = append(ports, port); len(ports) == n {
			return ports, nil
		}
	}
	return nil, fmt.Errorf("no %d free ports between %d and %d", n, firstPort, lastPort)
}
