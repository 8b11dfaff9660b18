//! How soon documents that mean harm are refused: less than 50 ms each is promised.
//! `cargo bench -p motlan-adapter-sdk`

#[path = "hostile/documents.rs"]
mod documents;

fn main() {
    divan::main();
}

#[divan::bench(args = documents::all(), sample_count = 20)]
fn read(bencher: divan::Bencher<'_, '_>, document: &documents::Document) {
    bencher.bench_local(|| assert_eq!(document.read(), !document.is_refused));
}
