//! The wasmtime engine: how guests are compiled, laid out in memory and interrupted.
//!
//! Knows wasmtime's settings and why each has its value. Does not know modules or steps.

use wasmtime::{
    Collector, Config, Enabled, Engine, InstanceAllocationStrategy, OptLevel, PoolingAllocationConfig,
    ResourcesRequired, Strategy,
};

/// The guest's own stack, in bytes: sixteen times wasmtime's default, and what Linux gives a program, since real ones
/// (compilers, parsers, shells) recurse deeply. The thread beneath it has half as much again.
pub const GUEST_STACK: usize = 8 << 20;

/// The stack of a thread that runs guests, in bytes: the guest's and ours beneath it.
pub const THREAD_STACK: usize = 12 << 20;

/// The most that one step has of each, so that a place for a step is a place for all that it has: no
/// step can take what others were promised.
const MEMORIES: u32 = 16;
const TABLES: u32 = 64;
const INSTANCES: u32 = 256;

/// The most of each that one module has.
const MODULE_MEMORIES: u32 = 4;
const MODULE_TABLES: u32 = 8;

/// The most elements of a table. Large programs have tables of some 100,000 functions.
pub const ELEMENTS: usize = 1_000_000;

/// Most frames in a trap's backtrace.
pub const MOST_FRAMES: usize = 64;

/// An engine with room for this many instances at once in its pool, or one without a pool where
/// this machine has not the address space for it.
pub fn engine(slots: u32) -> wasmtime::Result<Engine> {
    let mut config = config();
    config.allocation_strategy(pool(slots, Enabled::Auto));
    match Engine::new(&config) {
        Ok(engine) => Ok(engine),
        Err(_) => {
            config.allocation_strategy(InstanceAllocationStrategy::OnDemand);
            Engine::new(&config)
        }
    }
}

/// Whether code may have what it asks for. A pool answers for itself; this is for an engine without one, so that
/// the same modules run on every machine.
pub fn fits(needs: &ResourcesRequired, is_component: bool) -> Result<(), String> {
    let (memories, tables) = if is_component { (MEMORIES, TABLES) } else { (MODULE_MEMORIES, MODULE_TABLES) };
    let elements = needs.max_initial_table_size.unwrap_or(0);
    match () {
        () if needs.num_memories > memories => {
            Err(format!("it has {} memories, and may have up to {memories}", needs.num_memories))
        }
        () if needs.num_tables > tables => {
            Err(format!("it has {} tables, and may have up to {tables}", needs.num_tables))
        }
        () if elements > ELEMENTS as u64 => {
            Err(format!("it has a table of {elements} elements, and tables may have up to {ELEMENTS}"))
        }
        () => Ok(()),
    }
}

/// An engine that compiles for the one above, and runs nothing.
pub fn compiler() -> wasmtime::Result<Engine> {
    Engine::new(&config())
}

/// One that compiles for every machine of this kind, and not for this one's processor: for what is shipped.
pub fn portable_compiler() -> wasmtime::Result<Engine> {
    let mut config = config();
    config.target(PORTABLE)?;
    for flag in PORTABLE_FLAGS {
        // SAFETY: a processor without them is told from others when the code is loaded, which then fails.
        unsafe { config.cranelift_flag_enable(flag) };
    }
    Engine::new(&config)
}

/// What code is shipped for, and the extensions that it may use: those of every such processor since 2009.
#[cfg(target_arch = "x86_64")]
const PORTABLE: &str = "x86_64-unknown-linux-gnu";
#[cfg(target_arch = "x86_64")]
const PORTABLE_FLAGS: &[&str] = &["has_sse3", "has_ssse3", "has_sse41", "has_sse42", "has_popcnt"];
#[cfg(target_arch = "aarch64")]
const PORTABLE: &str = "aarch64-unknown-linux-gnu";
#[cfg(target_arch = "aarch64")]
const PORTABLE_FLAGS: &[&str] = &[];

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

fn pool(slots: u32, pagemap: Enabled) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(slots);
    pool.total_core_instances(slots.saturating_mul(INSTANCES));
    // Address space alone: 4 GiB for a memory, 8 MiB for a table.
    pool.total_memories(slots.saturating_mul(MEMORIES));
    pool.total_tables(slots.saturating_mul(TABLES));
    pool.total_gc_heaps(slots);
    // Guests run on threads of ours. One is the least that there may be, and a thousand cost a millisecond of each start.
    pool.total_stacks(1);
    pool.max_memories_per_module(MODULE_MEMORIES);
    pool.max_tables_per_module(MODULE_TABLES);
    pool.max_core_instances_per_component(INSTANCES);
    pool.max_memories_per_component(MEMORIES);
    pool.max_tables_per_component(TABLES);
    pool.max_component_instance_size(16 << 20);
    pool.table_elements(ELEMENTS);
    // Large programs have instances of some megabytes.
    pool.max_core_instance_size(16 << 20);
    pool.max_unused_warm_slots(slots.min(64));
    // Reset by writing zeros up to here: cheaper than giving small memories back to the kernel.
    pool.linear_memory_keep_resident(1 << 20);
    pool.table_keep_resident(64 << 10);
    // Only what a guest wrote to is reset, where the kernel can tell.
    pool.pagemap_scan(pagemap);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::{Instance, Module, Store};

    /// Fills all that it has, and all that it can grow, from 1 on: the smaller half of memory is what is
    /// reset by writing, the rest what is given back.
    const FILL: &str = r#"(module
      (memory $m (export "m") 4 100) (memory $n 1 40)
      (table $t (export "t") 100 20000 funcref)
      (global $g (mut i64) (i64.const 0))
      (elem declare func $f) (func $f)
      (func (export "run")
        (drop (memory.grow $m (i32.const 60))) (drop (memory.grow $n (i32.const 30)))
        (memory.fill $m (i32.const 0) (i32.const 0x5e) (i32.const 4194304))
        (memory.fill $n (i32.const 0) (i32.const 0x5e) (i32.const 2031616))
        (drop (table.grow $t (ref.func $f) (i32.const 15000)))
        (table.fill $t (i32.const 0) (ref.func $f) (i32.const 15100))
        (global.set $g (i64.const 1))))"#;

    /// Traps where it finds anything, in what it has from the start and in what it grows.
    const LOOK: &str = r#"(module
      (memory $m 2 100) (memory $n 0 40)
      (table $t 10 20000 funcref)
      (global $g (mut i64) (i64.const 0))
      (data (memory $m) (i32.const 8) "own bytes")
      (func $zeros (param $at i32) (param $end i32)
        (loop $next
          (if (i64.ne (i64.load $m (local.get $at)) (i64.const 0)) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $next (i32.lt_u (local.get $at) (local.get $end)))))
      (func (export "run") (local $at i32)
        (call $zeros (i32.const 24) (i32.const 131072))
        (drop (memory.grow $m (i32.const 62))) (drop (memory.grow $n (i32.const 31)))
        (call $zeros (i32.const 24) (i32.const 4194304))
        (loop $next
          (if (i64.ne (i64.load $n (local.get $at)) (i64.const 0)) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 8)))
          (br_if $next (i32.lt_u (local.get $at) (i32.const 2031616))))
        (drop (table.grow $t (ref.null func) (i32.const 15090)))
        (local.set $at (i32.const 0))
        (loop $next
          (if (i32.eqz (ref.is_null (table.get $t (local.get $at)))) (then unreachable))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br_if $next (i32.lt_u (local.get $at) (i32.const 15100))))
        (if (i64.ne (global.get $g) (i64.const 0)) (then unreachable))))"#;

    /// Runs as many at once as there are places, so that every place was used.
    fn everywhere(engine: &Engine, module: &Module, places: usize) {
        let run = |_| {
            let mut store = Store::new(engine, ());
            store.set_epoch_deadline(1);
            let instance = Instance::new(&mut store, module, &[]).expect("has a place");
            let run = instance.get_typed_func::<(), ()>(&mut store, "run").expect("is there");
            run.call(&mut store, ()).expect("finds nothing");
            store
        };
        drop((0..places).map(run).collect::<Vec<_>>());
    }

    /// What a machine without the address space for a pool answers, the pool answers too.
    #[test]
    fn code_that_has_too_much_is_refused_with_a_pool_and_without() {
        let too_much = [
            "(module (memory 1) (memory 1) (memory 1) (memory 1) (memory 1))".to_owned(),
            format!("(module {})", "(table 1 funcref)".repeat(9)),
            "(module (table 1000001 funcref))".to_owned(),
        ];
        let most = "(module (memory 1) (memory 1) (memory 1) (memory 1) (table 1000000 funcref))".to_owned();
        let pooled = engine(1).expect("starts");
        let compiler = compiler().expect("starts");
        for (text, may_be) in too_much.iter().map(|text| (text, false)).chain([(&most, true)]) {
            let bytes = wat::parse_str(text).expect("parses");
            assert_eq!(Module::new(&pooled, &bytes).is_ok(), may_be, "{text}");
            let module = Module::new(&compiler, &bytes).expect("compiles");
            assert_eq!(fits(&module.resources_required(), false).is_ok(), may_be, "{text}");
        }
    }

    /// Once with the kernel saying which pages were written, where it can, and once without.
    #[test]
    fn nothing_of_an_instance_is_left_in_any_place() {
        const PLACES: u32 = 3;
        let auto = || pool(PLACES, Enabled::Auto);
        let without = || pool(PLACES, Enabled::No);
        let given_back = || {
            // Nothing is kept by writing zeros: the kernel takes all of it.
            let mut pool = pool(PLACES, Enabled::No);
            pool.linear_memory_keep_resident(0).table_keep_resident(0);
            pool
        };
        for pool in [auto(), without(), given_back()] {
            let mut config = config();
            config.allocation_strategy(pool);
            let engine = Engine::new(&config).expect("starts");
            let fill = Module::new(&engine, wat::parse_str(FILL).expect("parses")).expect("compiles");
            let look = Module::new(&engine, wat::parse_str(LOOK).expect("parses")).expect("compiles");
            for _ in 0..3 {
                everywhere(&engine, &fill, PLACES as usize);
                everywhere(&engine, &look, PLACES as usize);
                // A place is given first to the module that had it last: the other order too.
                everywhere(&engine, &look, PLACES as usize);
            }
        }
    }
}
