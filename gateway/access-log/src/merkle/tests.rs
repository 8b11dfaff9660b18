//! The published vectors, and an independent implementation as oracle.

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;

use super::*;

/// The inputs and roots of the test suite of Certificate Transparency.
const INPUTS: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count)
        .map(|index| hash_leaf(&index.to_be_bytes()))
        .collect()
}

/// Nodes computed from a list of leaves.
fn nodes(leaves: &[Hash]) -> impl FnMut(NodeId) -> Result<Hash, ()> + '_ {
    |node| {
        let width = 1_usize << node.level;
        let start = usize::try_from(node.index).unwrap() * width;
        leaves.get(start..start + width).map(root_of).ok_or(())
    }
}

fn size(leaves: &[Hash]) -> u64 {
    leaves.len().try_into().unwrap()
}

#[test]
fn roots_are_those_of_the_published_vectors() {
    for (count, expected) in ROOTS.iter().enumerate() {
        let leaves: Vec<_> = INPUTS
            .iter()
            .take(count)
            .map(|input| hash_leaf(input))
            .collect();
        assert_eq!(hex(&root_of(&leaves)), *expected, "{count} leaves");
    }
}

#[test]
fn inclusion_proofs_are_those_of_the_published_vectors() {
    let leaves: Vec<_> = INPUTS.iter().map(|input| hash_leaf(input)).collect();
    let proof = inclusion_proof(5, 8, &mut nodes(&leaves)).unwrap();
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(proof.iter().map(hex).collect::<Vec<_>>(), expected);
}

#[test]
fn consistency_proofs_are_those_of_the_published_vectors() {
    let leaves: Vec<_> = INPUTS.iter().map(|input| hash_leaf(input)).collect();
    let cases: [(u64, u64, &[&str]); 4] = [
        (1, 1, &[]),
        (
            1,
            8,
            &[
                "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
            ],
        ),
        (
            6,
            8,
            &[
                "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            ],
        ),
        (
            2,
            5,
            &[
                "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            ],
        ),
    ];
    for (old, new, expected) in cases {
        let proof = consistency_proof(old, new, &mut nodes(&leaves)).unwrap();
        assert_eq!(
            proof.iter().map(hex).collect::<Vec<_>>(),
            expected,
            "{old} to {new}"
        );
    }
}

#[test]
fn every_pair_of_small_trees_is_proved_and_no_other_root_is() {
    let leaves = leaves(40);
    for new in 0..=40_u64 {
        let new_root = root_of(&leaves[..usize::try_from(new).unwrap()]);
        for index in 0..new {
            let proof = inclusion_proof(index, new, &mut nodes(&leaves)).unwrap();
            let leaf = leaves[usize::try_from(index).unwrap()];
            assert_eq!(
                verify_inclusion(&leaf, index, new, &new_root, &proof),
                Ok(())
            );
            assert!(verify_inclusion(&[9; 32], index, new, &new_root, &proof).is_err());
            let longer = [proof.as_slice(), &[[0; 32]]].concat();
            assert!(verify_inclusion(&leaf, index, new, &new_root, &longer).is_err());
        }
        for old in 0..=new {
            let old_root = root_of(&leaves[..usize::try_from(old).unwrap()]);
            let proof = consistency_proof(old, new, &mut nodes(&leaves)).unwrap();
            assert_eq!(
                verify_consistency(old, &old_root, new, &new_root, &proof),
                Ok(())
            );
            assert!(verify_consistency(old, &[9; 32], new, &new_root, &proof).is_err());
            if old > 0 {
                assert!(verify_consistency(old, &old_root, new, &[9; 32], &proof).is_err());
            }
        }
    }
}

#[test]
fn positions_outside_the_tree_are_refused() {
    let root = root_of(&leaves(3));
    assert_eq!(
        verify_inclusion(&[0; 32], 3, 3, &root, &[]),
        Err(ProofError::OutsideTree)
    );
    assert_eq!(
        verify_inclusion(&[0; 32], 0, 0, &root, &[]),
        Err(ProofError::OutsideTree)
    );
    assert_eq!(
        verify_consistency(4, &root, 3, &root, &[]),
        Err(ProofError::OutsideTree)
    );
}

proptest! {
    #[test]
    fn proofs_agree_with_another_implementation(new in 1..700_u64, at in 0..700_u64, old in 1..700_u64) {
        let (at, old) = (at % new, 1 + old % new);
        let mut oracle = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        for index in 0..new {
            oracle.push(index.to_be_bytes().to_vec());
        }
        let leaves = leaves(new);
        prop_assert_eq!(size(&leaves), new);
        prop_assert_eq!(oracle.root().as_bytes().to_vec(), root_of(&leaves).to_vec());

        let ours = inclusion_proof(at, new, &mut nodes(&leaves)).unwrap();
        let theirs = oracle.prove_inclusion(at.try_into().unwrap());
        prop_assert_eq!(ours.as_flattened(), theirs.as_bytes());

        if old < new {
            let ours = consistency_proof(old, new, &mut nodes(&leaves)).unwrap();
            let theirs = oracle.prove_consistency((new - old).try_into().unwrap());
            prop_assert_eq!(ours.as_flattened(), theirs.as_bytes());
        }
    }

    /// Each implementation judges the other's proofs, whole and with one bit changed.
    #[test]
    fn another_implementation_judges_proofs_alike(
        new in 2..400_u64, at in 0..400_u64, old in 1..400_u64,
        place in any::<prop::sample::Index>(), bit in 0..256_usize, changed in any::<bool>(),
    ) {
        let (at, old) = (at % new, 1 + old % (new - 1));
        let mut oracle = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
        let mut old_root = None;
        for index in 0..new {
            oracle.push(index.to_be_bytes().to_vec());
            if index + 1 == old {
                old_root = Some(oracle.root());
            }
        }
        let (root, old_root) = (oracle.root(), old_root.unwrap());
        let leaves = leaves(new);
        let (ours_new, ours_old) = (root_of(&leaves), root_of(&leaves[..usize::try_from(old).unwrap()]));
        let spoil = |proof: &mut Vec<Hash>| {
            let place = place.index(proof.len());
            if changed {
                proof[place][bit / 8] ^= 1 << (bit % 8);
            }
        };

        let mut proof = inclusion_proof(at, new, &mut nodes(&leaves)).unwrap();
        spoil(&mut proof);
        let theirs = ct_merkle::InclusionProof::try_from_bytes(proof.concat()).unwrap();
        let theirs = root.verify_inclusion(&at.to_be_bytes().to_vec(), at, &theirs).is_ok();
        let leaf = leaves[usize::try_from(at).unwrap()];
        let ours = verify_inclusion(&leaf, at, new, &ours_new, &proof).is_ok();
        prop_assert_eq!((ours, theirs), (!changed, !changed));

        let mut proof = consistency_proof(old, new, &mut nodes(&leaves)).unwrap();
        spoil(&mut proof);
        let theirs = ct_merkle::ConsistencyProof::try_from_bytes(proof.concat()).unwrap();
        let theirs = root.verify_consistency(&old_root, &theirs).is_ok();
        let ours = verify_consistency(old, &ours_old, new, &ours_new, &proof).is_ok();
        prop_assert_eq!((ours, theirs), (!changed, !changed));
    }

    #[test]
    fn a_changed_proof_is_never_accepted(
        new in 2..300_u64, at in 0..300_u64, place in any::<prop::sample::Index>(), bit in 0..256_usize,
    ) {
        let at = at % new;
        let leaves = leaves(new);
        let mut proof = inclusion_proof(at, new, &mut nodes(&leaves)).unwrap();
        let place = place.index(proof.len());
        proof[place][bit / 8] ^= 1 << (bit % 8);
        let leaf = leaves[usize::try_from(at).unwrap()];
        let root = root_of(&leaves);
        prop_assert_eq!(
            verify_inclusion(&leaf, at, new, &root, &proof),
            Err(ProofError::WrongRoot)
        );
    }
}
