/** The word that was probably meant: nearest by edit distance, for suggestions in error messages. */
/** The nearest of `words`, if it is near enough to be a slip of the keyboard (about a third of the letters); case does not count. */
export function closestWord(word, words) {
    const lower = word.toLowerCase();
    let best;
    for (const candidate of words) {
        const distance = editDistance(lower, candidate.toLowerCase());
        const limit = Math.max(1, Math.floor(Math.max(lower.length, candidate.length) / 3));
        if (distance <= limit && (best === undefined || distance < best.distance))
            best = { word: candidate, distance };
    }
    return best?.word;
}
/** Inserted, deleted, changed and swapped letters between two words (optimal string alignment). */
export function editDistance(a, b) {
    let before = [];
    let above = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const at = (cells, k) => cells[k] ?? 0;
            let distance = Math.min(at(above, j) + 1, at(row, j - 1) + 1, at(above, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1));
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
                distance = Math.min(distance, at(before, j - 2) + 1);
            row.push(distance);
        }
        before = above;
        above = row;
    }
    return above[b.length] ?? 0;
}
//# sourceMappingURL=spelling.js.map