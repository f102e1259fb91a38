// What a process has used of the machine, its own children included: the figures beside seconds.
#pragma once

namespace postern::bench {

/// Of the processor, by the children of this process: those that have ended and those that live.
/// In seconds; a living one's are counted in the kernel's ticks (10 ms).
double children_cpu_seconds();

/// The most memory this process has ever held at once (VmHWM), in KiB.
long peak_kib();

/// The same of the children that live, in sum.
long children_peak_kib();

/// What of its memory belongs to this process alone, after what is free was given back, in KiB.
long private_kib();

}  // namespace postern::bench
