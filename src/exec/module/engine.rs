//! The wasmtime engine: how guests are compiled, laid out in memory and interrupted.
//!
//! Knows wasmtime's settings and why each has its value. Does not know modules or steps.

use wasmtime::{
    Collector, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig, Strategy,
};

/// The guest's own stack, in bytes: eight times wasmtime's default, since real programs
/// (compilers, parsers) recurse deeply, and half of what the thread beneath it has.
pub const GUEST_STACK: usize = 4 << 20;

/// The stack of a thread that runs guests, in bytes: the guest's and ours beneath it.
pub const THREAD_STACK: usize = 8 << 20;

/// Most frames in a trap's backtrace.
pub const MOST_FRAMES: usize = 64;

/// An engine with room for this many instances at once in its pool, or one without a pool where
/// this machine has not the address space for it.
pub fn engine(slots: u32) -> wasmtime::Result<Engine> {
    let mut config = config();
    config.allocation_strategy(pool(slots));
    match Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(_) => {
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)
        }
    }
}

/// An engine that compiles for the one above, and runs nothing.
pub fn compiler() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

fn config() -> Config {
    let mut config = Config::new();
    config.strategy(Strategy::Cranelift);
    config.cranelift_opt_level(OptLevel::Speed);
    // The only interruption that a guest cannot avoid, and the cheapest.
    config.epoch_interruption(true);
    config.max_wasm_stack(GUEST_STACK);
    // Guests run on threads of ours and never on such a stack; it has to be larger all the same.
    config.async_stack_size(THREAD_STACK);
    config.wasm_backtrace_max_frames(std::num::NonZeroUsize::new(MOST_FRAMES));
    // The same bits on every machine: results are cached.
    config.cranelift_nan_canonicalization(true);
    config.relaxed_simd_deterministic(true);
    // C++ programs are built with exceptions, and exceptions are objects of the collected heap.
    config.collector(Collector::DeferredReferenceCounting);
    config.wasm_exceptions(true);
    // Off: nothing of ours needs them, and each is more that could be wrong.
    config.wasm_gc(false);
    config.wasm_memory64(false);
    config.wasm_custom_page_sizes(false);
    // What WASI 0.3 needs; components of 0.2 run without.
    config.concurrency_support(false);
    config.memory_init_cow(true);
    config
}

fn pool(slots: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    // A component is several instances, and may have several memories: most have one of each.
    pool.total_component_instances(slots);
    pool.total_core_instances(slots * 16);
    pool.total_memories(slots * 2);
    pool.total_tables(slots * 4);
    pool.total_gc_heaps(slots);
    pool.max_memories_per_module(4);
    pool.max_tables_per_module(8);
    pool.max_core_instances_per_component(256);
    pool.max_memories_per_component(16);
    pool.max_tables_per_component(64);
    pool.max_component_instance_size(16 << 20);
    // Large programs have tables of some 100,000 functions and instances of some megabytes.
    pool.table_elements(1_000_000);
    pool.max_core_instance_size(16 << 20);
    pool.max_unused_warm_slots(slots.min(64));
    // Reset by writing zeros up to here: cheaper than giving small memories back to the kernel.
    pool.linear_memory_keep_resident(1 << 20);
    pool.table_keep_resident(64 << 10);
    // Only what a guest wrote to is reset, where the kernel can tell.
    pool.pagemap_scan(Enabled::Auto);
    pool
}
