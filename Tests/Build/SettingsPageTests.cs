using System.Text;
using PciBus.Agent.Registration;
using PciBus.Management.Setup;
using PciBus.Tests.Support;
using Xunit;

namespace PciBus.Tests.Build;

/// <summary><c>docs/settings.md</c> says what the tables of settings and keys say; <c>PCIBUS_APPROVE=1</c> writes it anew.</summary>
public sealed class SettingsPageTests
{
    [Fact]
    public void Page_IsCurrent() => Approved.Check(Checkout.PathOf("docs", "settings.md"), Text());

    [Fact]
    public void Names_AreNamesOfSettings_AndStandOnce()
    {
        Assert.All(Settings.Definitions, one => Assert.Matches(@"^[a-z]+(\.[a-z]+)+(\.<[a-z]+>)?$", one.Name));
        Assert.Equal(Settings.Definitions.Count, Settings.Definitions.DistinctBy(one => one.Name).Count());
        Assert.Equal(AgentKeys.All.Count, AgentKeys.All.DistinctBy(one => one.Name).Count());
    }

    private static string Text()
    {
        var text = new StringBuilder("""
            # Settings

            `Tests/Build/SettingsPageTests` writes this page, with `PCIBUS_APPROVE=1`, from the options that carry `[Setting]` and `[AgentKey]`,
            and from the reconciliation jobs. `Management/Setup/Settings.cs` and `Agent/Registration/AgentKeys.cs` gather them.

            ## Management

            A setting has its default, unless it is given in one of these places; the later wins:

            1. the file `management.properties` in the data folder, or the one that `--settings FILE` names, a [properties file](#properties-files);
            2. the environment, e.g. `PCIBUS_PING_INTERVAL` for `ping.interval`;
            3. the command line: `--setting ping.interval=5`, as often as needed.

            They are read when a server starts; each server has its own. A value that is not allowed, in any of these places, is an error
            that says where it stands. A name in the file that nothing knows is ignored, with a warning that names the nearest; so is a
            variable that looks like a slip. On the command line it is an error.

            `listConfigurations` shows the values in force and where each comes from. Secrets are never shown; a file that holds one should be
            readable by its owner alone. One value is no setting: `PCIBUS_SECRET_KEY`, which [api.md](api.md#keys) explains.

            """);
        foreach (var category in Settings.Definitions.GroupBy(one => one.Category).OrderBy(group => group.Key))
        {
            text.Append($"\n### {category.Key}\n\n| name | environment | default | allowed | meaning |\n|---|---|---|---|---|\n");
            foreach (var one in category)
            {
                var allowed = one.IsSecret ? $"{one.Kind.Allowed}; secret" : one.Kind.Allowed;
                text.Append(Row(Code(one.Name), Code(one.Variable), Code(one.Default), allowed, one.Description));
            }
        }

        text.Append("""

            ## Properties files

            `management.properties` and `agent.properties` are read as java.util.Properties reads them, which CloudStack's agent does: `name=value`,
            `name: value` or `name value` in each line; `#` or `!` begins a comment; a `\` at a line's end joins it with the next, `\\` is a backslash,
            `\u00fc` an ü. They are UTF-8. A line that is not, or has a character in it that cannot be seen (a control character, a no-break blank), is
            an error that names the line. Of a name that stands twice the last counts, and both lines are named, in the log, by `Agent check` and by
            an alert (AgentProperties). An agent that runs keeps to the last list of devices that could be read; it does so too when `pci.devices` stands
            twice, with different lists.

            ## agent.properties

            The keys of an agent's file. Each can be given in the environment too, which wins: `PCIBUS_STOP_WAIT` for `stop.wait`; all but
            `pci.devices`. A key that the agent does not know is ignored, with a warning that names the nearest. `Agent check --properties FILE`
            says all that is wrong.

            | key | default | allowed | meaning |
            |---|---|---|---|

            """);
        foreach (var key in AgentKeys.All) text.Append(Row(Code(key.Name), Code(key.Default), key.Allowed, key.Description));
        return text.ToString();
    }

    private static string Row(params string[] cells) =>
        $"| {string.Join(" | ", cells.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal)))} |\n";

    private static string Code(string? text) => string.IsNullOrEmpty(text) ? "" : $"`{text}`";
}
