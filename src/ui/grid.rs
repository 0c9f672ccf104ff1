//! How wide the columns of a table are.

/// What a column asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Want {
    /// Cells that its title and its widest value take.
    pub width: u16,
    /// It is cut down to this before any other column is given up, but not below it.
    pub least: u16,
    /// When the width is short, the columns with the highest number go first; 0 never goes.
    pub priority: u8,
}

/// Cells between two columns.
pub const GAP: u16 = 2;

/// A column of priority 1 is cut down to this before it is given up.
const SHORT: u16 = 8;

/// Gives each column its width within `available` cells, 0 for those that are left out.
///
/// What is tried, in this order, until it fits: cut columns down to their least (the least important of them first);
/// leave out columns of priority 2 and more (the least important first, the rightmost first); cut those of priority 1
/// further, in proportion to their least, then leave them out; and last of all cut those of priority 0. What was left out
/// and fits after all is brought back.
#[must_use]
pub fn layout(wants: &[Want], available: u16) -> Vec<u16> {
    let mut widths: Vec<u16> = wants.iter().map(|want| want.width).collect();
    cut(wants, &mut widths, available);
    while excess(&widths, available) > 0 {
        let present = |at: &usize| widths[*at] > 0 && wants[*at].priority > 0;
        let Some(least) = (0..wants.len()).filter(present).max_by_key(|at| (wants[*at].priority, *at)) else {
            break;
        };
        if wants[least].priority == 1 {
            cut_widest(wants, &mut widths, available, |at| wants[at].priority == 1, SHORT);
            if excess(&widths, available) == 0 {
                break;
            }
        }
        // Leaving a column out may make room for others to have their full width again.
        for (width, want) in widths.iter_mut().zip(wants) {
            *width = if *width == 0 { 0 } else { want.width };
        }
        widths[least] = 0;
        cut(wants, &mut widths, available);
    }
    cut_widest(wants, &mut widths, available, |_| true, 1);
    bring_back(wants, &mut widths, available);
    widths
}

/// Columns that were left out for the sake of a wider one may fit after that one has gone: the most important first.
fn bring_back(wants: &[Want], widths: &mut [u16], available: u16) {
    let mut gone: Vec<usize> = (0..wants.len()).filter(|at| widths[*at] == 0).collect();
    gone.sort_by_key(|at| (wants[*at].priority, *at));
    for at in gone {
        widths[at] = wants[at].width;
        if excess(widths, available) > 0 {
            widths[at] = 0;
        }
    }
}

/// How many cells too many these columns take.
fn excess(widths: &[u16], available: u16) -> u32 {
    let present = widths.iter().filter(|width| **width > 0).count() as u32;
    let gaps = present.saturating_sub(1) * u32::from(GAP);
    (widths.iter().map(|width| u32::from(*width)).sum::<u32>() + gaps).saturating_sub(available.into())
}

/// Cuts columns down to their least as far as need be, the least important first, among equals the widest.
fn cut(wants: &[Want], widths: &mut [u16], available: u16) {
    let mut order: Vec<usize> = (0..wants.len()).filter(|at| wants[*at].priority > 0).collect();
    order.sort_by_key(|at| std::cmp::Reverse((wants[*at].priority, widths[*at], *at)));
    for at in order {
        let too_many = excess(widths, available);
        let spare = u32::from(widths[at].saturating_sub(wants[at].least));
        widths[at] -= too_many.min(spare) as u16;
    }
}

/// Cuts the widest of some columns, measured by what each should have at least, cell by cell, until all fit or none is
/// wider than `floor`.
fn cut_widest(wants: &[Want], widths: &mut [u16], available: u16, of: impl Fn(usize) -> bool, floor: u16) {
    for _ in 0..excess(widths, available) {
        let wide = (0..widths.len()).filter(|at| of(*at) && widths[*at] > floor);
        let share = |at: &usize| u32::from(widths[*at]) * 1000 / u32::from(wants[*at].least.max(1));
        let Some(widest) = wide.max_by_key(share) else { return };
        widths[widest] -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wants(of: &[(u16, u8)]) -> Vec<Want> {
        of.iter().map(|&(width, priority)| Want { width, least: 24, priority }).collect()
    }

    #[test]
    fn all_have_what_they_want_when_there_is_room() {
        assert_eq!(layout(&wants(&[(20, 0), (5, 1), (7, 2)]), 80), [20, 5, 7]);
    }

    #[test]
    fn the_least_important_goes_first_and_the_name_last() {
        let columns = wants(&[(30, 0), (5, 1), (16, 1), (12, 2), (5, 3), (12, 5), (10, 4)]);
        assert_eq!(layout(&columns, 80), [30, 5, 16, 12, 5, 0, 0]);
        assert_eq!(layout(&columns, 48), [30, 5, 9, 0, 0, 0, 0], "the status is cut, not left out");
        assert_eq!(layout(&columns, 40), [30, 5, 0, 0, 0, 0, 0]);
        assert_eq!(layout(&columns, 20), [20, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_long_column_is_cut_before_any_goes() {
        assert_eq!(layout(&wants(&[(10, 0), (90, 2), (10, 5)]), 80), [10, 56, 10]);
    }

    #[test]
    fn a_narrow_column_stays_where_a_wide_one_had_to_go() {
        let columns = wants(&[(40, 0), (20, 2), (4, 3), (12, 4)]);
        assert_eq!(layout(&columns, 50), [40, 0, 4, 0]);
        assert_eq!(layout(&columns, 66), [40, 20, 0, 0], "the more important one goes first only if it must");
    }

    #[test]
    fn a_status_is_cut_so_that_others_have_room_and_a_message_keeps_most_of_it() {
        let want = |width, least, priority| Want { width, least, priority };
        let pods = [want(30, 24, 0), want(24, 16, 1), want(5, 24, 2), want(8, 24, 2)];
        assert_eq!(layout(&pods, 65), [30, 16, 5, 8]);
        let events = [want(10, 10, 1), want(20, 16, 1), want(40, 20, 1), want(90, 30, 1)];
        let widths = layout(&events, 60);
        assert_eq!(excess(&widths, 60), 0);
        assert!(widths[3] > widths[2] && widths[2] > widths[1] && widths[0] >= SHORT, "{widths:?}");
    }

    proptest! {
        #[test]
        fn it_always_fits_and_a_name_is_cut_only_when_it_stands_alone(
            of in prop::collection::vec((1u16..120, 1u8..7), 0..12), name in 1u16..100, available in 1u16..250
        ) {
            let mut columns = vec![Want { width: name, least: 24, priority: 0 }];
            columns.extend(wants(&of));
            let widths = layout(&columns, available);
            prop_assert_eq!(excess(&widths, available), 0);
            if widths[0] < name {
                prop_assert!(widths[1..].iter().all(|width| *width == 0));
            }
        }
    }
}
