module.exports = "widget";
