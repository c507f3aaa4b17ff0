export class Settings {
    values;
    constructor(layer) {
        this.values = Object.fromEntries(Object.entries(layer.getConfig()).map(([key, value]) => [camelCase(key), value]));
    }
    /** Undefined where the layer has no such setting or it is null. */
    value(key) {
        return this.values[key] ?? undefined;
    }
    flag(key, otherwise = false) {
        const value = this.value(key);
        return typeof value === 'boolean' ? value : otherwise;
    }
    number(key, otherwise) {
        const value = this.value(key);
        return typeof value === 'number' ? value : otherwise;
    }
    text(key, otherwise) {
        const value = this.value(key);
        return typeof value === 'string' ? camelCase(value) : otherwise;
    }
    /** A list of numbers; a single number is a list of one. */
    numbers(key) {
        const value = this.value(key);
        if (typeof value === 'number')
            return [value];
        return Array.isArray(value) ? value.map(Number) : undefined;
    }
}
/** `hard_sigmoid` -> `hardSigmoid`; camelCase stays as it is. */
export function camelCase(text) {
    return text.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
//# sourceMappingURL=settings.js.map