export {};
//# sourceMappingURL=recording-row.js.map