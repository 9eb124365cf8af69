using System.Text;
using System.Text.Json;
using PciBus.Contracts.Connection;
using PciBus.Contracts.Startup;
using Xunit;

namespace PciBus.Tests.Contracts;

/// <summary>What lies on the broker is what MassTransit writes and reads; what is not that is said to be unreadable, and nothing else.</summary>
public sealed class EnvelopeTests
{
    private const string Urn = "urn:message:PciBus.Contracts.Startup:PingRoutingCommand";

    private static readonly Guid Id = Guid.Parse("0192fd0e-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 13, 5, 7, TimeSpan.FromHours(1));

    [Fact]
    public void Message_IsWrittenUnderItsName_WithItsTime_AndReadBack()
    {
        var body = Envelope.Write(new PingRoutingCommand { HostGuid = "zoë" }, Id, Now);

        var json = JsonDocument.Parse(body).RootElement;
        Assert.Equal(Id, json.GetProperty("messageId").GetGuid());
        Assert.Equal([Urn], json.GetProperty("messageType").EnumerateArray().Select(type => type.GetString()));
        Assert.Equal("2026-11-30T12:05:07Z", json.GetProperty("sentTime").GetString());
        Assert.Equal("zoë", json.GetProperty("message").GetProperty("hostGuid").GetString());
        Assert.Equal("zoë", Assert.IsType<PingRoutingCommand>(Envelope.Read(body)).HostGuid);
    }

    [Fact]
    public void FirstTypeThatTheContractsHave_IsRead()
    {
        var body = $"{{\"messageType\":[\"urn:message:Other:Kind\",null,\"{Urn}\"],\"message\":{{\"hostGuid\":\"a\"}},\"later\":[1]}}";

        Assert.Equal("a", Assert.IsType<PingRoutingCommand>(Envelope.Read(Encoding.UTF8.GetBytes(body))).HostGuid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{}")]
    [InlineData($"{{\"messageType\":[\"{Urn}\"]}}")]
    [InlineData($"{{\"messageType\":[\"{Urn}\"],\"message\":null}}")]
    [InlineData($"{{\"messageType\":\"{Urn}\",\"message\":{{}}}}")]
    [InlineData($"{{\"messageType\":[7],\"message\":{{}}}}")]
    [InlineData($"{{\"messageType\":[\"{Urn}\"],\"message\":7}}")]
    [InlineData($"{{\"messageType\":[\"{Urn}\"],\"message\":{{\"report\":\"x\"}}}}")]
    [InlineData($"{{\"messageType\":[\"{Urn}\"],\"message\":{{}},\"sentTime\":\"today\"}}")]
    [InlineData("{\"messageType\":[],\"message\":{}}")]
    [InlineData("{\"messageType\":[null],\"message\":{}}")]
    [InlineData("{\"messageType\":[\"urn:message:Other:Kind\"],\"message\":{}}")]
    public void WhatIsNoMessageOfTheContracts_IsUnreadable(string body) =>
        Assert.ThrowsAny<JsonException>(() => Envelope.Read(Encoding.UTF8.GetBytes(body)));
}
