// A graph of numbered nodes, seen where it lies: nothing of it is copied, nothing of it is owned.
//
// Nodes [0, rows.count) have rows of edges; nodes [companions_from, companions_from +
// companions.count) have theirs in a second table (what is beside the heap's objects: goroutines,
// groups of them, a root above all). All others are leaves. Edges to numbers >= node_count count
// for nothing.
#pragma once

#include <compare>
#include <cstdint>

namespace goshawk::graph {

using Node = std::uint32_t;

// Row k is edges[begin[k]] .. edges[begin[k + 1]]; begin has count + 1 entries that may be read.
struct Rows {
  const std::uint32_t* begin = nullptr;
  const Node* edges = nullptr;
  Node count = 0;
};

struct Edge {
  Node from = 0;
  Node to = 0;
  auto operator<=>(const Edge&) const = default;
};

struct Graph {
  Node node_count = 0;
  Rows rows;
  Rows companions;
  Node companions_from = 0;

  // Where its row's begin and end are written; nullptr: the node has no row.
  const std::uint32_t* row_of(Node node) const {
    if (node < rows.count) return rows.begin + node;
    if (node >= companions_from && node - companions_from < companions.count)
      return companions.begin + (node - companions_from);
    return nullptr;
  }
  // The array that its row is cut from.
  const Node* edges_of(Node node) const {
    return node < rows.count ? rows.edges : companions.edges;
  }
};

}  // namespace goshawk::graph
